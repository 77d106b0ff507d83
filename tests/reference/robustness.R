# What R finds, for tests/stats on robustness: run from the root of the project with `Rscript tests/reference/robustness.R`.
# Writes its inputs and results beside itself, as robustness_*.csv. MC-SIMEX is written out here in base R after the
# paper, on glm, as R's own simex package may not be at hand.
library(MASS)

here <- "tests/reference"
results <- data.frame()
keep <- function(case, ...) {
  values <- c(...)
  results <<- rbind(results, data.frame(case = case, quantity = names(values), value = sprintf("%.15g", values)))
}
save <- function(name, table) write.csv(table, file.path(here, paste0("robustness_", name, ".csv")), row.names = FALSE, quote = FALSE)
set.seed(20201201)

# ---- MC-SIMEX (Kuechenhoff, Mwalili and Lesaffre 2006) on a Poisson regression --------------------------------------
n <- 400
true <- rbinom(n, 1, 0.35)
exposure <- round(exp(rnorm(n, 0, 0.5)), 4)
y <- rpois(n, exposure * exp(0.2 + 1 * true))
errors <- rbind(c(0.9, 0.1), c(0.2, 0.8)) # rows: true code
recorded <- ifelse(runif(n) < errors[true + 1, 2], 1, 0)
save("simex", data.frame(y = y, exposure = exposure, recorded = recorded))
fit <- function(x) {
  g <- glm(y ~ x + offset(log(exposure)), poisson)
  c(coef(g)["x"], vcov(g)["x", "x"])
}
power <- function(m, p) {
  e <- eigen(m)
  Re(e$vectors %*% diag(e$values^p) %*% solve(e$vectors))
}
lambdas <- c(0.5, 1, 1.5, 2)
B <- 3000
naive <- fit(recorded)
means <- naive[1]; inner <- naive[2]
for (lambda in lambdas) {
  m <- power(errors, lambda)
  drawn <- replicate(B, fit(ifelse(runif(n) < m[recorded + 1, 2], 1, 0)))
  means <- c(means, mean(drawn[1, ])); inner <- c(inner, mean(drawn[2, ]) - var(drawn[1, ]))
}
at <- c(0, lambdas)
quadratic <- function(v) unname(predict(lm(v ~ at + I(at^2)), data.frame(at = -1)))
keep("simex", naive = unname(naive[1]), estimate = quadratic(means), se = sqrt(quadratic(inner)),
     setNames(means[-1], paste0("mean_", lambdas)))

# ---- agreement on the double-coded records ----------------------------------------------------------------------------
pairs <- read.csv("data/raw/double_coded.csv", colClasses = "character")
pairs <- pairs[pairs$found_by == "both", ]
for (code in c("lac_level", "china_actor_type", "activity_type")) {
  a <- pairs[[paste0(code, "_1")]]; b <- pairs[[paste0(code, "_2")]]
  codes <- sort(unique(c(a, b)))
  p <- table(factor(a, codes), factor(b, codes)) / length(a)
  pe <- sum(rowSums(p) * colSums(p))
  values <- c(a, b) # Krippendorff: disagreement expected over all pairable values
  expected <- sum(outer(table(values), table(values)) * (1 - diag(length(codes)))) / (length(values) * (length(values) - 1))
  keep(code, kappa = (sum(diag(p)) - pe) / (1 - pe), alpha = 1 - mean(a != b) / expected)
}

# ---- Hodges-Lehmann shift ---------------------------------------------------------------------------------------------
x <- round(rnorm(33), 4)
save("shift", data.frame(x = x, label = rep(1:0, c(9, 24))))
exact <- wilcox.test(x[1:9], x[10:33], conf.int = TRUE, exact = TRUE)
normal <- wilcox.test(x[1:9], x[10:33], exact = FALSE, correct = FALSE)
keep("shift", shift = unname(exact$estimate), low = exact$conf.int[1], high = exact$conf.int[2], p_normal = normal$p.value)

# ---- a negative binomial of two groups ----------------------------------------------------------------------------------
label <- rep(1:0, c(5, 28))
per <- round(exp(rnorm(33, 1)), 3)
events <- rnbinom(33, size = 0.8, mu = 3 * per * 2^label)
save("nb2", data.frame(events = events, exposure = per, label = label))
nb <- glm.nb(events ~ label + offset(log(per)), control = glm.control(epsilon = 1e-14, maxit = 200))
keep("nb2", coef = unname(coef(nb)["label"]), se = summary(nb)$coefficients["label", 2], alpha = 1 / nb$theta)

# ---- axes of a curve: drop-one R squared --------------------------------------------------------------------------------
grid <- expand.grid(one = c("x", "y", "z"), two = c("no", "yes"), three = c("u", "v"))[-c(2, 7), ]
grid$estimate <- round(rnorm(10) + (grid$one == "z") + 2 * (grid$two == "yes"), 4)
save("axes", grid)
r2 <- function(formula) summary(lm(formula, grid))$r.squared
whole <- r2(estimate ~ one + two + three)
keep("axes", explained = whole, one = whole - r2(estimate ~ two + three), two = whole - r2(estimate ~ one + three),
     three = whole - r2(estimate ~ one + two))

write.csv(results, file.path(here, "robustness_results.csv"), row.names = FALSE, quote = FALSE)

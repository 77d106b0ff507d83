# What R finds, for tests/stats on robustness: run from the root of the project with `Rscript tests/reference/robustness.R`.
# Writes its inputs and results beside itself, as robustness_*.csv. MC-SIMEX is written out here in base R after the
# paper, on glm, as R's own simex package may not be at hand.
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
  coef(glm(y ~ x + offset(log(exposure)), poisson))["x"]
}
power <- function(m, p) {
  e <- eigen(m)
  Re(e$vectors %*% diag(e$values^p) %*% solve(e$vectors))
}
lambdas <- c(0.5, 1, 1.5, 2)
B <- 3000
naive <- fit(recorded)
means <- naive
for (lambda in lambdas) {
  m <- power(errors, lambda)
  drawn <- replicate(B, fit(ifelse(runif(n) < m[recorded + 1, 2], 1, 0)))
  means <- c(means, mean(drawn))
}
at <- c(0, lambdas)
quadratic <- function(v) unname(predict(lm(v ~ at + I(at^2)), data.frame(at = -1)))
keep("simex", naive = unname(naive), estimate = quadratic(means))

# ---- agreement on the double-coded records ----------------------------------------------------------------------------
pairs <- read.csv("data/raw/double_coded.csv", colClasses = "character")
pairs <- pairs[pairs$found_by == "both", ]
for (code in c("lac_level", "china_actor_type", "activity_type")) {
  a <- pairs[[paste0(code, "_1")]]; b <- pairs[[paste0(code, "_2")]]
  codes <- sort(unique(c(a, b)))
  p <- table(factor(a, codes), factor(b, codes)) / length(a)
  pe <- sum(rowSums(p) * colSums(p))
  keep(code, kappa = (sum(diag(p)) - pe) / (1 - pe))
}

# ---- axes of a curve: drop-one R squared --------------------------------------------------------------------------------
grid <- expand.grid(one = c("x", "y", "z"), two = c("no", "yes"), three = c("u", "v"))[-c(2, 7), ]
grid$estimate <- round(rnorm(10) + (grid$one == "z") + 2 * (grid$two == "yes"), 4)
save("axes", grid)
r2 <- function(formula) summary(lm(formula, grid))$r.squared
whole <- r2(estimate ~ one + two + three)
keep("axes", explained = whole, one = whole - r2(estimate ~ two + three), two = whole - r2(estimate ~ one + three),
     three = whole - r2(estimate ~ one + two))

write.csv(results, file.path(here, "robustness_results.csv"), row.names = FALSE, quote = FALSE)

# What R finds, for the tests of local_share, score_test, freedman_lane and detection:
# run from the root of the project with `Rscript tests/reference/version_2_b.R`.
# Writes its inputs, its permutations and its results beside itself, as version_2_b_*.csv.
library(MASS)
set.seed(20)

here <- "tests/reference"
results <- data.frame()
keep <- function(case, ...) {
  values <- c(...)
  row <- data.frame(case = case, quantity = names(values), value = sprintf("%.15g", values))
  results <<- rbind(results, row)
}
save <- function(name, table) {
  write.csv(table, file.path(here, paste0("version_2_b_", name, ".csv")), row.names = FALSE)
}

# ---- twelve units in three strata, two labelled ones in the upper, one in the middle stratum ----
units <- data.frame(size = sort(round(rnorm(12, 14, 2), 3)), stratum = rep(0:2, each = 4))
units$label <- c(0, 0, 0, 0, 0, 1, 0, 0, 1, 0, 0, 1)
units$score <- round(rnorm(12), 3)
total <- 8 + rpois(12, 12)
units$local <- rbinom(12, total, plogis(-0.3 + 0.9 * units$label + rnorm(12, 0, 0.4)))
units$other <- total - units$local
units$count <- rnegbin(12, exp(2 + 0.2 * (units$size - 14) + 0.7 * units$label), 2)
save("units", units)

tight <- glm.control(epsilon = 1e-14, maxit = 100)
# the t of the label, CR2 by unit, in the weighted regression of the first Newton step
one_step <- function(label, residual, weight, X) {
  step <- lm.wfit(cbind(X, label), residual / weight, weight)
  XW <- cbind(X, label) * sqrt(weight)
  H <- XW %*% solve(crossprod(XW)) %*% t(XW)
  e <- step$residuals * sqrt(weight) / sqrt(1 - diag(H))
  V <- solve(crossprod(XW)) %*% crossprod(XW * e) %*% solve(crossprod(XW))
  k <- ncol(XW)
  unname(step$coefficients[k] / sqrt(V[k, k]))
}
# every label with one of the middle and two of the upper stratum
every <- expand.grid(middle = 5:8, upper = 1:6)
pairs <- combn(9:12, 2)
labels <- t(apply(every, 1, function(x) as.numeric(1:12 %in% c(x[1], pairs[, x[2]]))))
p_value <- function(t, observed) {
  min(1, 2 * min(mean(t <= observed + 1e-9), mean(t >= observed - 1e-9)))
}
X <- cbind(1, units$size)

share_at <- function(effect) {
  offset <- effect * units$label
  fit <- glm(cbind(local, other) ~ size + offset(offset), binomial, units, control = tight)
  y <- units$local
  n <- units$local + units$other
  mu <- n * fitted(fit)
  w <- mu * (1 - mu / n)
  t <- apply(labels, 1, one_step, y - mu, w, X)
  observed <- one_step(units$label, y - mu, w, X)
  c(statistic = observed, below = mean(t <= observed + 1e-9), above = mean(t >= observed - 1e-9),
    p = p_value(t, observed), null_sum = sum(t), null_max = max(t))
}
fit <- glm(cbind(local, other) ~ size + label, binomial, units, control = tight)
slope <- unname(coef(fit)["label"])
# limits of an 80 % interval by bisection: each tail 0.1
edge <- function(sign, tail) {
  inside <- 0
  outside <- 0.125
  while (share_at(slope + sign * outside)[tail] > 0.1) {
    inside <- outside
    outside <- 2 * outside
  }
  while (outside - inside > 1e-7) {
    middle <- (inside + outside) / 2
    if (share_at(slope + sign * middle)[tail] > 0.1) inside <- middle else outside <- middle
  }
  exp(slope + sign * outside)
}
keep("share", ratio = exp(slope), share_at(0), low80 = edge(-1, "above"), high80 = edge(1, "below"))
graded <- glm(cbind(local, other) ~ size + score, binomial, units, control = tight)
keep("share_graded", ratio = unname(exp(2 * coef(graded)["score"])))

# ---- NB2 score -------------------------------------------------------------------------------
nb <- glm.nb(count ~ size, units, control = tight)
mu <- fitted(nb)
w <- mu / (1 + mu / nb$theta)
t <- apply(labels, 1, one_step, (units$count - mu) * w / mu, w, X)
observed <- one_step(units$label, (units$count - mu) * w / mu, w, X)
keep("nb2", ratio = unname(exp(coef(glm.nb(count ~ size + label, units, control = tight))["label"])),
     alpha = 1 / nb$theta, statistic = observed, p = p_value(t, observed), null_sum = sum(t))

# ---- Freedman-Lane: all orders of seven units, one refit each ----------------------------------
seven <- data.frame(y = round(rnorm(7), 3), x = round(rnorm(7), 3), label = c(0, 1, 0, 0, 1, 1, 0))
save("seven", seven)
orders <- as.matrix(expand.grid(rep(list(1:7), 7)))
orders <- orders[apply(orders, 1, function(o) length(unique(o)) == 7), ]
lane <- function(slope) {
  null <- lm(I(y - slope * label) ~ x, seven)
  apply(orders, 1, function(o) {
    seven$moved <- fitted(null) + residuals(null)[o]
    fit <- lm.fit(cbind(1, seven$x, seven$label), seven$moved)
    s2 <- sum(fit$residuals^2) / 4
    fit$coefficients[3] / sqrt(s2 * solve(crossprod(cbind(1, seven$x, seven$label)))[3, 3])
  })
}
plain <- summary(lm(y ~ x + label, seven))$coefficients["label", ]
for (slope in c(0, 1)) {
  t <- lane(slope)
  observed <- (plain["Estimate"] - slope) / plain["Std. Error"]
  keep(paste0("lane_", slope), slope = unname(plain["Estimate"]), t = unname(observed),
       below = mean(t <= observed + 1e-9), above = mean(t >= observed - 1e-9))
}

# ---- detection: penalised likelihood by a general optimiser ------------------------------------
found <- data.frame(size = units$size, n_a = 5 + rpois(12, 8), n_b = 5 + rpois(12, 10))
found$m <- rbinom(12, pmin(found$n_a, found$n_b), plogis(-0.5 - 0.3 * (found$size - 14)))
save("found", found)
scaled <- (found$size - mean(found$size)) / sqrt(mean((found$size - mean(found$size))^2))
Z <- rbind(cbind(1, scaled, 0, diag(12)), cbind(1, scaled, 1, diag(12)))
penalty <- c(0, 1 / 2.5^2, 0, rep(1 / 0.75^2, 12))
hits <- c(found$m, found$m)
trials <- c(found$n_b, found$n_a)
minus <- function(b) {
  eta <- Z %*% b
  -sum(hits * eta - trials * log1p(exp(eta))) + sum(penalty * b^2) / 2
}
gradient <- function(b) {
  -as.vector(t(Z) %*% (hits - trials * plogis(Z %*% b))) + penalty * b
}
best <- optim(rep(0, 15), minus, gradient, method = "BFGS", control = list(maxit = 5000, reltol = 1e-16))
p <- plogis(Z %*% best$par)
keep("p_a", setNames(p[1:12], 1:12))
keep("p_b", setNames(p[13:24], 1:12))

write.csv(results, file.path(here, "version_2_b_results.csv"), row.names = FALSE, quote = FALSE)

# What R finds for the procedures of version 2, part C: run from the root of the project with
# `Rscript tests/reference/version_2_c.R`. Writes its inputs and its results beside itself, as version_2_c_*.csv.
library(survival)
suppressMessages(library(vegan))

here <- "tests/reference"
results <- data.frame()
keep <- function(case, ...) {
  values <- c(...)
  results <<- rbind(results, data.frame(case = case, quantity = names(values), value = sprintf("%.15g", values)))
}
save <- function(name, table) write.csv(table, file.path(here, paste0("version_2_c_", name, ".csv")), row.names = FALSE, quote = FALSE)
set.seed(20201201)

# ---- risk sets: 40 sets of 2 to 9, one case each, true odds ratio 2.5; and the first 12 of them ------------------------
sizes <- sample(2:9, 40, replace = TRUE)
sets <- data.frame(set = rep(seq_along(sizes), sizes))
sets$exposed <- rbinom(nrow(sets), 1, 0.35)
sets$size <- round(rnorm(nrow(sets), 12), 3)
sets$case <- unlist(lapply(split(sets, sets$set), function(s) {
  as.integer(seq_len(nrow(s)) == sample(nrow(s), 1, prob = exp(log(2.5) * s$exposed + 0.3 * s$size)))
}))
save("sets", sets)
tight <- coxph.control(eps = 1e-12, toler.chol = 1e-14)
line <- summary(clogit(case ~ exposed + strata(set), sets, control = tight))$coefficients["exposed", ]
keep("risk_sets_plain", log_ratio = line[["coef"]], se = line[["se(coef)"]], p = line[["Pr(>|z|)"]])
# exact, by multiplying out the sets: the number of exposed cases given the margins of each set
few <- subset(sets, set <= 12)
weight <- 1
for (s in split(few, few$set)) {
  e <- sum(s$exposed); n <- nrow(s)
  weight <- outer(weight, c((n - e) / n, e / n))
  weight <- tapply(weight, row(weight) + col(weight), sum)
}
value <- seq_along(weight) - 1
t0 <- sum(few$case * few$exposed)
tilted <- function(beta) { w <- weight * exp(beta * (value - t0)); w / sum(w) }
solve_for <- function(f) exp(uniroot(f, c(-12, 12), tol = 1e-13)$root)
keep("risk_sets_exact", estimate = solve_for(function(b) sum(tilted(b) * (value - t0))),
     low = solve_for(function(b) sum(tilted(b)[value >= t0]) - 0.025), high = solve_for(function(b) sum(tilted(b)[value <= t0]) - 0.025),
     p = min(1, 2 * min(sum(tilted(0)[value >= t0]), sum(tilted(0)[value <= t0]))))

# ---- offset: binomial regression of events after on a constant, offset log(A / B) ---------------------------------------
units <- data.frame(before = c(1, 2, 0, 3, 1, 0, 4, 1), after = c(1, 3, 2, 3, 0, 1, 7, 2),
                    background_before = c(40, 41, 55, 20, 33, 61, 12, 48), background_after = c(52, 50, 60, 31, 30, 70, 20, 47))
save("units", units)
fit <- glm(cbind(after, before) ~ 1 + offset(log(background_after / background_before)), binomial, units, control = glm.control(epsilon = 1e-14))
keep("offset", log_ratio = coef(fit)[[1]])

# ---- rarefaction: vegan::rarefy ------------------------------------------------------------------------------------------
kinds <- t(rmultinom(12, 9, c(0.4, 0.3, 0.2, 0.07, 0.03))) + diag(12)[, 1:5]
save("kinds", as.data.frame(kinds))
for (k in 2:4) keep(paste0("rarefied_", k), setNames(rarefy(kinds, k), seq_len(nrow(kinds))))

# ---- trend: Poisson, jackknife over runs of years ------------------------------------------------------------------------
yearly <- data.frame(year = 2000:2020, count = rnbinom(21, mu = 6 * 1.1^(0:20), size = 8), other = rnbinom(21, mu = 9 * 1.05^(0:20), size = 8))
save("yearly", yearly)
slope <- function(y, kept) coef(glm(y ~ year, poisson, data.frame(y = y, year = yearly$year - 2010)[kept, ], control = glm.control(epsilon = 1e-14)))[["year"]]
for (block in c(1, 3)) {
  run <- (seq_len(21) - 1) %/% block; G <- max(run) + 1
  for (name in c("trend", "ratio")) {
    f <- function(kept) slope(yearly$count, kept) - if (name == "ratio") slope(yearly$other, kept) else 0
    all_years <- f(rep(TRUE, 21))
    se <- sqrt((G - 1) / G * sum((sapply(0:(G - 1), function(g) f(run != g)) - all_years)^2))
    keep(paste0(name, "_", block), log_ratio = all_years, se = se, p = 2 * pt(-abs(all_years / se), G - 1))
  }
}

# ---- share: logistic trend with a control, jackknife over groups -----------------------------------------------------------------------
events <- data.frame(group = sample(letters[1:10], 120, replace = TRUE, prob = 10:1), year = sample(2000:2020, 120, replace = TRUE), search = rbinom(120, 1, 0.5))
events$technology <- rbinom(120, 1, plogis(-0.4 + 0.06 * (events$year - 2010) + 0.8 * events$search))
save("events", events)
logit <- function(data) glm(technology ~ I((year - 2010) / 10) + search, binomial, data, control = glm.control(epsilon = 1e-14))
fit <- logit(events); b <- coef(fit)[[2]]; G <- length(unique(events$group))
crv3 <- sqrt((G - 1) / G * sum((sapply(unique(events$group), function(g) coef(logit(subset(events, group != g)))[[2]]) - b)^2))
keep("share", log_ratio = b, crv3 = crv3, p = 2 * pt(-abs(b / crv3), G - 1))

write.csv(results, file.path(here, "version_2_c_results.csv"), row.names = FALSE, quote = FALSE)

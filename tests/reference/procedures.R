# What R finds, for tests/stats: run from the root of the project with `Rscript tests/reference/procedures.R`.
# Writes its inputs (from data/raw) and its results beside itself, as procedures_*.csv.
library(MASS)
library(survival)

here <- "tests/reference"
results <- data.frame()
keep <- function(case, ...) {
  values <- c(...)
  results <<- rbind(results, data.frame(case = case, quantity = names(values), value = sprintf("%.15g", values)))
}
save <- function(name, table) write.csv(table, file.path(here, paste0("procedures_", name, ".csv")), row.names = FALSE, quote = FALSE)

# ---- inputs -------------------------------------------------------------------------------------------------------
read <- function(name) read.csv(file.path("data/raw", name), colClasses = "character", na.strings = character())
engagements <- read("engagements.csv")
engagements$year <- suppressWarnings(as.integer(substr(engagements$date_iso, 1, 4)))
local <- subset(engagements, lac_level != "national" & !is.na(year) & year >= 2000 & year <= 2020)
country_year <- subset(read("country_year.csv"), as.integer(year) <= 2020)
projects <- tapply(as.numeric(country_year$gcdf_projects), country_year$year, sum)

yearly <- data.frame(year = 2000:2020, local = as.integer(table(factor(local$year, 2000:2020))), projects = as.integer(projects))
company <- subset(local, china_actor_type %in% c("state_owned_enterprise", "private_company"))
company <- data.frame(iso3 = company$lac_iso3, year = company$year, technology = as.integer(company$technology))
company <- company[order(company$year, company$iso3, company$technology), ]
save("yearly", yearly); save("company", company)

# ---- covariances by hand --------------------------------------------------------------------------------------------
scores <- function(fit) model.matrix(fit) * residuals(fit, "working") * weights(fit, "working")
bread <- function(fit) solve(crossprod(model.matrix(fit) * sqrt(weights(fit, "working"))))
se <- function(fit, middle, factor) sqrt(diag(factor * bread(fit) %*% middle %*% bread(fit)))
newey_west <- function(s, lags) {
  S <- crossprod(s)
  for (l in seq_len(lags)) {
    G <- crossprod(s[-seq_len(l), , drop = FALSE], s[seq_len(nrow(s) - l), , drop = FALSE])
    S <- S + (1 - l / (lags + 1)) * (G + t(G))
  }
  S
}
jackknife <- function(fit, data, g) {
  G <- length(unique(g))
  off <- sapply(unique(g), function(one) coef(update(fit, data = data[g != one, ])) - coef(fit))
  sqrt((G - 1) / G * rowSums(off^2))
}
tight <- glm.control(epsilon = 1e-14, maxit = 100)

# ---- trends ---------------------------------------------------------------------------------------------------------
yearly$time <- yearly$year - 2010
trend <- glm.nb(local ~ time, yearly, control = tight)
hac_se <- se(trend, newey_west(scores(trend), 2), 21 / 19)[["time"]]
half <- qt(0.975, 19) * hac_se
keep("count_trend", estimate = exp(coef(trend)[["time"]]), low = exp(coef(trend)[["time"]] - half), high = exp(coef(trend)[["time"]] + half),
     p = 2 * pt(-abs(coef(trend)[["time"]] / hac_se), 19), alpha = 1 / trend$theta)

company$decade <- (company$year - 2010) / 10
logit <- glm(technology ~ decade, binomial, company, control = tight)
slope <- coef(logit)[["decade"]]
G <- length(unique(company$iso3))
crv3 <- jackknife(logit, company, company$iso3)[["decade"]]
t <- qt(0.975, G - 1)
keep("logistic_trend", estimate = exp(slope),
     low_crv3 = exp(slope - t * crv3), high_crv3 = exp(slope + t * crv3), groups = G)

# the exact test by complete enumeration of a small table, uneven scores
size <- c(5, 6, 4, 7); seen <- c(0, 2, 2, 5); score <- c(0, 1, 3, 4)
every <- as.matrix(expand.grid(lapply(size, function(m) 0:m)))
every <- every[rowSums(every) == sum(seen), ]
weight <- apply(every, 1, function(x) prod(choose(size, x)))
sums <- as.vector(every %*% score); t0 <- sum(seen * score)
tilted <- function(beta) { w <- weight * exp(beta * (sums - t0)); w / sum(w) }
null <- tilted(0); centre <- sum(null * sums)
solve_for <- function(f) exp(uniroot(f, c(-10, 10), tol = 1e-13)$root)
far <- abs(sums - centre) - abs(t0 - centre)
keep("exact_trend", p = sum(null[far > -1e-9]), p_mid = sum(null[far > 1e-9]) + sum(null[abs(far) <= 1e-9]) / 2, p_greater = sum(null[sums >= t0]),
     estimate = solve_for(function(b) sum(tilted(b) * (sums - t0))),
     low = solve_for(function(b) sum(tilted(b)[sums >= t0]) - 0.025), high = solve_for(function(b) sum(tilted(b)[sums <= t0]) - 0.025))

# ---- exact tests, R's own examples ----------------------------------------------------------------------------------
ht <- function(case, test) keep(case, estimate = unname(test$estimate), low = test$conf.int[1], high = test$conf.int[2], p = test$p.value)
ht("rate_breslow_day", poisson.test(c(11, 6 + 8 + 7), c(800, 1083 + 1050 + 878)))
ht("rate_greater", poisson.test(c(40, 55), c(5, 5), r = 0.75, alternative = "greater"))
ht("rate_less", poisson.test(c(40, 55), c(5, 6), r = 1.25, alternative = "less"))
ht("rate_zero", poisson.test(c(0, 7), c(2, 3)))
ht("mendel", binom.test(682, 925, p = 0.75))
ht("lower_bound", binom.test(12, 33, p = 5 / 33, alternative = "greater"))
ht("convictions", fisher.test(matrix(c(2, 15, 10, 3), 2)))
ht("fisher_zero", fisher.test(matrix(c(0, 4, 5, 3), 2)))
approval <- binom.test(150, 150 + 86)  # Agresti (1990), p. 350
keep("approval", p = approval$p.value, low = approval$conf.int[1] / (1 - approval$conf.int[1]), high = approval$conf.int[2] / (1 - approval$conf.int[2]))

# ---- five years against the five before: quasi-Poisson ----------------------------------------------------------------
late <- data.frame(count = yearly$projects[12:21], late = rep(0:1, each = 5))
quasi <- summary(glm(count ~ late, quasipoisson, late, control = tight))
line <- quasi$coefficients["late", ]
keep("quasi", estimate = exp(line[[1]]), low = exp(line[[1]] - qt(0.975, 8) * line[[2]]), high = exp(line[[1]] + qt(0.975, 8) * line[[2]]),
     p = line[[4]], dispersion = quasi$dispersion)

# ---- before and after: unit effects, and conditional logistic with an event a stratum ---------------------------------
units <- data.frame(before = c(0, 1, 2, 0, 5, 3), after = c(3, 1, 4, 0, 6, 2), time_before = c(2, 3, 4, 5, 2, 6), time_after = c(2, 2, 3, 2, 5, 1))
long <- data.frame(unit = factor(rep(1:6, 2)), y = c(units$before, units$after), after = rep(0:1, each = 6), time = c(units$time_before, units$time_after))
effects <- glm(y ~ after + unit + offset(log(time)), poisson, subset(long, unit != 4), control = tight)
events <- long[rep(seq_len(nrow(long)), long$y), ]
pairs <- do.call(rbind, lapply(seq_len(nrow(events)), function(i) {
  u <- as.integer(events$unit[i])
  data.frame(event = i, after = 0:1, case = as.integer(0:1 == events$after[i]), time = c(units$time_before[u], units$time_after[u]))
}))
clogit_fit <- clogit(case ~ after + offset(log(time)) + strata(event), pairs, control = coxph.control(eps = 1e-11, toler.chol = 1e-13))
keep("before_after", estimate_glm = exp(coef(effects)[["after"]]), estimate_clogit = exp(coef(clogit_fit)[["after"]]))
grid <- as.matrix(expand.grid(lapply(units$before + units$after, function(m) 0:m)))
share <- units$time_after / (units$time_before + units$time_after)
chance <- apply(grid, 1, function(x) prod(dbinom(x, units$before + units$after, share)))
chance <- tapply(chance, rowSums(grid), sum); value <- as.numeric(names(chance)); t0 <- sum(units$after)
tilted <- function(beta) { w <- chance * exp(beta * (value - t0)); w / sum(w) }
keep("before_after", low = solve_for(function(b) sum(tilted(b)[value >= t0]) - 0.025), high = solve_for(function(b) sum(tilted(b)[value <= t0]) - 0.025),
     p = sum(chance[chance <= chance[value == t0] * (1 + 1e-7)]))

# ---- multiplicity -----------------------------------------------------------------------------------------------------
p <- c(0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1)
names(p) <- seq_along(p)  # Benjamini and Hochberg (1995), section 3.2
keep("holm", p.adjust(p, "holm")); keep("bh", p.adjust(p, "BH"))

write.csv(results, file.path(here, "procedures_results.csv"), row.names = FALSE, quote = FALSE)

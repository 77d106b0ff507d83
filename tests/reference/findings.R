# The claims' primary numbers again, from their tables and by R's own functions: run from the root of the project with
# `python tests/reference/findings.py` and then `Rscript tests/reference/findings.R`. Writes findings_results.csv.
# Left out is what is drawn at random: the intervals and p of web and platforms, and of self_rule and strained.
library(survival)
suppressMessages(library(vegan))

here <- "tests/reference"
read <- function(name) read.csv(file.path(here, paste0("findings_", name, ".csv")), na.strings = "")
results <- data.frame()
keep <- function(claim, ...) {
  values <- c(...)
  results <<- rbind(results, data.frame(claim = claim, quantity = names(values), value = sprintf("%.15g", values)))
}
tight <- glm.control(epsilon = 1e-14, maxit = 100)
countries <- read("countries"); years <- read("years")

# ---- reach, not_new: exact binomial ---------------------------------------------------------------------------------
test <- binom.test(sum(countries$reached), nrow(countries), 0.5)
keep("reach", estimate = unname(test$estimate), low = test$conf.int[1], high = test$conf.int[2], p = test$p.value)
early <- sum(countries$before_2006)
limits <- nrow(countries) * binom.test(early, nrow(countries))$conf.int
keep("not_new", estimate = early, low = limits[1], high = limits[2],
     p = binom.test(early, nrow(countries), 5 / 33, alternative = "greater")$p.value)

# ---- tiers: quasi-Poisson, five years against the five before, one-sided against 0.75 -----------------------------------
late <- years$year > 2015; before <- years$year > 2010 & !late
tests <- lapply(c("gcdf_projects", "cgit_deals"), function(series) {
  data <- data.frame(number = years[late | before, series], later = late[late | before])
  fit <- summary(glm(number ~ later, quasipoisson, data, control = tight))$coefficients[2, ]
  list(ratio = exp(fit[1] + c(0, -1, 1) * qt(0.975, 8) * fit[2]),
       p = pt((fit[1] - log(0.75)) / fit[2], 8, lower.tail = FALSE))
})
smaller <- tests[[which.min(sapply(tests, function(one) one$ratio[1]))]]$ratio
keep("tiers", estimate = smaller[1], low = smaller[2], high = smaller[3], p = max(sapply(tests, function(one) one$p)))

# ---- growth: Poisson trend, jackknife over seven runs of three years ----------------------------------------------------
slope <- function(data) coef(glm(engagements ~ I(year - 2010), poisson, data, control = tight))[[2]]
run <- (years$year - 2000) %/% 3
all_years <- slope(years)
se <- sqrt(6 / 7 * sum((sapply(0:6, function(one) slope(years[run != one, ])) - all_years)^2))
keep("growth", estimate = exp(all_years), low = exp(all_years - qt(0.975, 6) * se), high = exp(all_years + qt(0.975, 6) * se),
     p = 2 * pt(-abs(all_years / se), 6))

# ---- authority, self_rule, strained: binomial regression of the local share ---------------------------------------------
for (claim in c("authority", "self_rule", "strained")) {
  found <- transform(countries, label = countries[[paste0(claim, "_label")]])
  fit <- glm(cbind(local, national) ~ label + log_population, binomial, subset(found, !is.na(label)), control = tight)
  keep(claim, estimate = exp(coef(fit)[["label"]]))
}
# authority's exact permutation: one Newton step from the fit without the label, its t with errors by country (CR2)
null <- glm(cbind(local, national) ~ log_population, binomial, countries, control = tight)
expected <- fitted(null); total <- countries$local + countries$national
residual <- countries$local - total * expected; weight <- total * expected * (1 - expected)
score <- function(label) {
  controls <- lm(label ~ log_population, countries, weights = weight)
  rest <- residuals(controls); information <- sum(weight * rest^2)
  left <- residual - weight * rest * sum(rest * residual) / information
  leverage <- hatvalues(controls) + weight * rest^2 / information
  sum(rest * residual) / sqrt(sum((rest * left)^2 / (1 - leverage)))
}
# the same label in every other place of its third: four of the eleven largest, one of the eleven smallest
label <- countries$authority_label; third <- countries$authority_third
places <- lapply(0:2, function(one) {
  members <- which(third == one); number <- sum(label[members])
  if (number == 0) list(integer()) else combn(members, number, simplify = FALSE)
})
scores <- unlist(lapply(places[[1]], function(a) lapply(places[[2]], function(b) sapply(places[[3]], function(c) {
  score(replace(0 * label, c(a, b, c), 1))
}))))
observed <- score(label)
keep("authority", p = min(1, 2 * min(mean(scores >= observed - 1e-9), mean(scores <= observed + 1e-9))), assignments = length(scores))

# ---- twinning: conditional logistic regression, exact -------------------------------------------------------------------
sets <- read("sets")
fit <- clogit(case ~ exposed + strata(set), sets, method = "exact", control = coxph.control(eps = 1e-12, toler.chol = 1e-14))
weight <- 1  # of the number of exposed cases, by multiplying out the sets
for (one in split(sets, sets$set)) {
  share <- mean(one$exposed)
  weight <- c(weight * (1 - share), 0) + c(0, weight * share)
}
value <- seq_along(weight) - 1; t0 <- sum(sets$case * sets$exposed)
tilted <- function(beta) { w <- weight * exp(beta * (value - t0)); w / sum(w) }
limit <- function(these) exp(uniroot(function(beta) sum(tilted(beta)[these]) - 0.025, c(-12, 12), tol = 1e-13)$root)
keep("twinning", estimate = exp(coef(fit)[["exposed"]]), low = limit(value >= t0), high = limit(value <= t0),
     p = min(1, 2 * min(sum(tilted(0)[value >= t0]), sum(tilted(0)[value <= t0]))))

# ---- platforms: binomial regression of events after, offset by all other places ------------------------------------------
around <- subset(read("around"), before + after > 0 & background_before > 0 & background_after > 0)
fit <- glm(cbind(after, before) ~ 1 + offset(log(background_after / background_before)), binomial, around, control = tight)
keep("platforms", estimate = exp(coef(fit)[[1]]))

# ---- web: kinds in three engagements of a place (vegan), over those in three from three places of its country -------------
kinds <- read("places")
counts <- as.matrix(kinds[, -(1:2)]); of_group <- split(seq_len(nrow(kinds)), kinds$group)
expected <- rep(NA, nrow(kinds))
for (rows in of_group) if (length(rows) >= 3) {
  triples <- combn(rows, 3)
  ways <- function(x) sum(x[triples[1, ]] * x[triples[2, ]] * x[triples[3, ]])
  size <- rowSums(counts)
  expected[rows] <- sum(apply(counts, 2, function(one) 1 - ways(size - one) / ways(size)))
}
enough <- rowSums(counts) >= 3 & !is.na(expected)
keep("web", estimate = mean(rarefy(counts[enough, ], 3)) / mean(expected[enough]), places = sum(enough))

write.csv(results, file.path(here, "findings_results.csv"), row.names = FALSE, quote = FALSE)

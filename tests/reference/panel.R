# The same numbers by R: exact randomisation over all assignments, and the Poisson and negative binomial panel fits.
# Run from the project's root: Rscript tests/reference/panel.R
library(MASS)
folder <- "tests/reference/"
countries <- read.csv(paste0(folder, "panel_countries.csv"))
label <- countries$federal == 1
sets <- combn(nrow(countries), sum(label))
rows <- list()
for (exposure in c("none", "population", "gdp", "admin1", "china_trade")) {
  events <- countries$engagements
  per <- countries[[exposure]]
  ratio <- function(inside, inside_per) (inside / inside_per) / ((sum(events) - inside) / (sum(per) - inside_per))
  null <- ratio(colSums(matrix(events[sets], nrow = nrow(sets))), colSums(matrix(per[sets], nrow = nrow(sets))))
  observed <- ratio(sum(events[label]), sum(per[label]))
  tie <- 1e-9 * observed
  p <- min(1, 2 * min(mean(null >= observed - tie), mean(null <= observed + tie)))
  rows[[exposure]] <- data.frame(exposure = exposure, ratio = observed, p = p, assignments = length(null))
}
write.csv(do.call(rbind, rows), paste0(folder, "panel_randomisation.csv"), row.names = FALSE)

years <- read.csv(paste0(folder, "panel_years.csv"))
control <- glm.control(epsilon = 1e-13, maxit = 500)
# a year without events has no estimate of its own effect and says nothing about the ratio
held <- years[years$year %in% names(which(tapply(years$engagements, years$year, sum) > 0)), ]
poisson <- glm(engagements ~ roc + factor(year) + offset(log(population)), poisson, held, control = control)
negative <- glm.nb(engagements ~ roc + factor(year) + offset(log(population)), held, control = control, init.theta = 0.5)
fits <- data.frame(
  family = c("poisson", "nb2"),
  roc = c(coef(poisson)["roc"], coef(negative)["roc"]),
  se = c(summary(poisson)$coefficients["roc", 2], NA),
  alpha = c(0, 1 / negative$theta),
  loglik = c(logLik(poisson), logLik(negative))
)
write.csv(fits, paste0(folder, "panel_fits.csv"), row.names = FALSE)

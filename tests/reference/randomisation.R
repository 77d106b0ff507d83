# Independent reference for lac_analysis/stats/randomisation.py and spells.py, in base R: every assignment by combn,
# the limits of the interval by bisection of the p-value, Poisson models by glm with dummies.
# Writes its inputs and outputs beside itself. Run from the project's root: Rscript tests/reference/randomisation.R

here <- "tests/reference/randomisation_"
write_table <- function(x, name) write.csv(x, paste0(here, name, ".csv"), row.names = FALSE, quote = FALSE, na = "")

# --- inputs -----------------------------------------------------------------------------------------------------
engagements <- read.csv("data/raw/engagements.csv", colClasses = "character", encoding = "UTF-8")
countries <- read.csv("data/raw/countries.csv")
country_year <- read.csv("data/raw/country_year.csv")
year <- as.integer(substr(engagements$date_iso, 1, 4))
local <- engagements[engagements$lac_level != "national" & !is.na(year) & year >= 2000 & year <= 2020, ]
local$year <- year[engagements$lac_level != "national" & !is.na(year) & year >= 2000 & year <= 2020]

set.seed(20201201)
tea <- data.frame(case = "tea", unit = 1:8, events = rep(1:0, each = 4), exposure = 1, labelled = rep(1:0, each = 4))
federal <- data.frame(
  case = "federal", unit = seq_len(nrow(countries)),
  events = as.integer(table(factor(local$lac_iso3, countries$iso3))),
  exposure = countries$n_admin1, labelled = countries$federal
)
small <- do.call(rbind, lapply(1:6, function(i) {
  n <- c(6, 8, 9, 10, 11, 12)[i]
  data.frame(
    case = paste0("small", i), unit = 1:n, events = rpois(n, c(1, 3, 10, 2, 30, 5)[i]),
    exposure = round(exp(rnorm(n, 1)), 3), labelled = as.integer(seq_len(n) %in% sample(n, c(2, 4, 5, 7, 3, 6)[i]))
  )
}))
label_input <- rbind(tea, federal, small)
write_table(label_input, "label_input")

window <- country_year[country_year$year >= 2000 & country_year$year <= 2020, ]
window$n <- as.integer(table(factor(paste(local$lac_iso3, local$year), paste(window$iso3, window$year))))
real <- data.frame(
  case = "recognition", unit = match(window$iso3, countries$iso3), period = window$year,
  events = window$n, exposure = window$population / 1e6, label = window$roc_recognition
)
random <- do.call(rbind, lapply(1:4, function(i) {
  panel <- expand.grid(period = 1:8, unit = 1:5)
  begin <- sample(1:6, 5, replace = TRUE)
  end <- begin + sample(1:5, 5, replace = TRUE)
  label <- as.integer(panel$period >= begin[panel$unit] & panel$period < end[panel$unit])
  exposure <- round(exp(rnorm(40)), 3)
  label[if (i > 2) c(3, 20) else integer(0)] <- NA
  data.frame(
    case = paste0("random", i), unit = panel$unit, period = panel$period,
    events = rpois(40, 4 * exposure), exposure = exposure, label = label
  )
}))
spell_input <- rbind(real, random)
write_table(spell_input, "spell_input")

# --- exact randomisation distribution of the rate ratio ------------------------------------------------------------
tails <- function(table, trial = 1, sets = combn(nrow(table), sum(table$labelled))) {
  exposure <- table$exposure * ifelse(table$labelled == 1, trial, 1)
  ratio <- function(e, x) e / x / ((sum(table$events) - e) / (sum(exposure) - x))
  null <- ratio(
    colSums(matrix(table$events[sets], nrow(sets))),
    colSums(matrix(exposure[sets], nrow(sets)))
  )
  own <- table$labelled == 1
  observed <- ratio(sum(table$events[own]), sum(exposure[own]))
  c(greater = mean(null >= observed * (1 - 1e-9)), less = mean(null <= observed * (1 + 1e-9)), ratio = observed)
}
bisect <- function(rejected, inside, outside) {
  if (!rejected(outside)) return(outside * Inf)
  for (i in 1:(if (inside == 0) 45 else 60)) {
    middle <- (inside + outside) / 2
    if (rejected(middle)) outside <- middle else inside <- middle
  }
  inside
}
label_output <- do.call(rbind, lapply(split(label_input, label_input$case), function(table) {
  sets <- combn(nrow(table), sum(table$labelled))
  t <- tails(table, 1, sets)
  low <- high <- NA
  if (is.finite(t["ratio"]) && t["ratio"] > 0 && ncol(sets) < 1000) {
    at <- log(t["ratio"])
    low <- exp(at + bisect(function(x) tails(table, exp(at + x), sets)["greater"] <= 0.05, 0, -12))
    high <- exp(at + bisect(function(x) tails(table, exp(at + x), sets)["less"] <= 0.05, 0, 12))
  }
  data.frame(
    case = table$case[1], assignments = ncol(sets), ratio = t["ratio"], p_greater = t["greater"], p_less = t["less"],
    p = min(1, 2 * min(t["greater"], t["less"])), low90 = low, high90 = high
  )
}))
write_table(label_output, "label_output")

# --- Poisson with period (and unit) effects ------------------------------------------------------------------------
log_ratio <- function(panel, unit_effects) {
  effects <- if (unit_effects) "factor(period) + factor(unit)" else "factor(period)"
  fit <- suppressWarnings(glm(
    as.formula(paste("events ~ label +", effects)), poisson, panel[!is.na(panel$label), ],
    offset = log(exposure), control = glm.control(epsilon = 1e-14, maxit = 100)
  ))
  unname(coef(fit)["label"])
}
orders <- as.matrix(expand.grid(rep(list(1:5), 5)))
orders <- orders[apply(orders, 1, function(o) !anyDuplicated(o)), ]
spell_output <- do.call(rbind, lapply(split(spell_input, spell_input$case), function(panel) {
  do.call(rbind, lapply(c(FALSE, TRUE), function(unit_effects) {
    observed <- log_ratio(panel, unit_effects)
    p <- NA
    if (max(panel$unit) == 5) {
      history <- matrix(panel$label, 5, byrow = TRUE)
      null <- apply(orders, 1, function(order) {
        log_ratio(transform(panel, label = as.vector(t(history[order, ]))), unit_effects)
      })
      p <- min(1, 2 * min(mean(null > observed - 1e-7), mean(null < observed + 1e-7)))
    }
    data.frame(case = panel$case[1], unit_effects = as.integer(unit_effects), log_ratio = observed, p = p)
  }))
}))
write_table(format(spell_output, digits = 12, scientific = FALSE, trim = TRUE), "spell_output")

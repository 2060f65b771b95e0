# Reference values for embryos nested in women: mixed logistic regression by lme4 with 25 adaptive quadrature points.
# Rscript tests/reference/individual_lme4.R > tests/reference/individual_lme4.json
suppressPackageStartupMessages({library(lme4); library(jsonlite)})

one_case <- function(seed, women, average, effect, sigma, most) {
  set.seed(seed)
  arm <- rep(c(0.5, -0.5), each = women)
  received <- sample(1:most, 2 * women, replace = TRUE)
  intercept <- rnorm(2 * women, 0, sigma)
  woman <- rep(seq_along(received), received)
  x <- arm[woman]
  y <- rbinom(length(woman), 1, plogis(average + x * effect + intercept[woman]))
  fit <- glmer(y ~ x + (1 | woman), family = binomial, nAGQ = 25)
  implanted <- as.vector(tapply(y, woman, sum))
  cells <- as.data.frame(table(arm = ifelse(arm > 0, "treatment", "control"), m = received, k = implanted),
                         stringsAsFactors = FALSE)
  cells <- cells[cells$Freq > 0, ]
  list(truth = list(average = average, effect = effect, sigma = sigma),
       table = data.frame(arm = cells$arm, m = as.integer(cells$m), k = as.integer(cells$k), women = cells$Freq),
       average = unname(fixef(fit)[1]), effect = unname(fixef(fit)[2]), sigma = unname(sqrt(unlist(VarCorr(fit)))),
       se_average = sqrt(vcov(fit)[1, 1]), se_effect = sqrt(vcov(fit)[2, 2]))
}

cases <- list(
  moderate = one_case(1, 300, -0.4, 0.6, 1.2, 3),
  strong = one_case(2, 300, 0.3, -0.8, 2.5, 3),
  many_embryos = one_case(3, 150, -1, 0.5, 0.8, 8)
)
cat(toJSON(list(software = paste0("R ", getRversion(), ", lme4 ", packageVersion("lme4")), cases = cases),
           auto_unbox = TRUE, digits = 10, pretty = TRUE), "\n")

# Writes audit_tests.json: P values of base R for the tests of bayes_ivf/auditing. Run: Rscript audit_tests.R > audit_tests.json
# Boschloo is written out here: every table ordered by fisher.test, the size maximised over a fine grid of risks.
set.seed(1)
num <- function(x) formatC(x, digits = 17, format = "g")
counts <- list(c(16, 40, 12, 40), c(33, 80, 19, 84), c(1, 16, 1, 12), c(0, 5, 3, 9), c(7, 7, 2, 9), c(22, 40, 12, 40),
               c(19, 73, 16, 80), c(34, 75, 29, 75), c(480, 2000, 410, 2000), c(1, 30, 9, 31), c(3, 1000, 20, 1100))
boschloo <- function(a, n1, b, n2) {
  if (n1 * n2 > 2000) return(NA)
  f <- outer(0:n1, 0:n2, Vectorize(function(x, y) fisher.test(matrix(c(x, n1 - x, y, n2 - y), 2))$p.value))
  region <- f <= f[a + 1, b + 1] * (1 + 1e-7)
  max(sapply(seq(0.0002, 0.9998, by = 0.0002), function(p) sum(outer(dbinom(0:n1, n1, p), dbinom(0:n2, n2, p)) * region)))
}
rows <- sapply(counts, function(x) {
  m <- matrix(c(x[1], x[2] - x[1], x[3], x[4] - x[3]), 2)
  suppressWarnings(sprintf('{"counts": [%s], "fisher": %s, "pearson": %s, "yates": %s, "boschloo": %s}',
    paste(x, collapse = ", "), num(fisher.test(m)$p.value), num(chisq.test(m, correct = FALSE)$p.value),
    num(chisq.test(m)$p.value), ifelse(is.na(b <- do.call(boschloo, as.list(x))), "null", num(b))))
})
means <- list(c(5.81, .76, 40, 7.93, .82, 40), c(31.55, 2.95, 40, 32.74, 3.06, 40), c(1.5, .1, 3, 1.2, .9, 17),
              c(120, 80, 12, 75, 20, 60), c(0.001, 0.0003, 9, 0.0013, 0.0002, 5))
sample_of <- function(m, s, n) { x <- rnorm(n); m + s * (x - mean(x)) / sd(x) }
mrows <- sapply(means, function(x) {
  a <- sample_of(x[1], x[2], x[3]); b <- sample_of(x[4], x[5], x[6]); w <- t.test(a, b)
  sprintf('{"means": [%s], "welch": %s, "low": %s, "high": %s, "student": %s}', paste(x, collapse = ", "), num(w$p.value),
    num(w$conf.int[1]), num(w$conf.int[2]), num(t.test(a, b, var.equal = TRUE)$p.value))
})
tables <- list(list(c(7, 15, 18), c(8, 16, 16)), list(c(20, 5, 1, 9), c(11, 9, 7, 8)))
trows <- sapply(tables, function(x) suppressWarnings(sprintf('{"treatment": [%s], "control": [%s], "p": %s}',
  paste(x[[1]], collapse = ", "), paste(x[[2]], collapse = ", "), num(chisq.test(rbind(x[[1]], x[[2]]))$p.value))))
cat(sprintf('{"made_with": "%s", "counts": [\n%s\n], "means": [\n%s\n], "categories": [\n%s\n]}\n', R.version.string,
  paste(rows, collapse = ",\n"), paste(mrows, collapse = ",\n"), paste(trows, collapse = ",\n")))

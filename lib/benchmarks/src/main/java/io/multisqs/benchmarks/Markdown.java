package io.multisqs.benchmarks;

import io.multisqs.benchmarks.Results.Spread;
import java.util.Collection;
import java.util.Locale;

/**
 * Writes a table: a row a consumer, the median of the rounds, and their spread where there are
 * several.
 */
final class Markdown {
  private Markdown() {}

  static String table(
      Table table, Workload workload, Results results, Collection<String> consumers) {
    StringBuilder text = new StringBuilder("### ").append(table.title()).append("\n\n| consumer |");
    StringBuilder rule = new StringBuilder("|---|");
    for (Column column : table.columns()) {
      text.append(' ').append(column.title()).append(" |");
      rule.append("---:|");
    }
    text.append('\n').append(rule).append('\n');
    for (String consumer : consumers) {
      text.append("| ").append(consumer).append(" |");
      for (Column column : table.columns()) {
        Spread spread = results.spread(workload, table.phase(), consumer, column);
        text.append(' ').append(cell(spread, column.decimals())).append(" |");
      }
      text.append('\n');
    }
    return text.append('\n').toString();
  }

  private static String cell(Spread spread, int decimals) {
    if (!Double.isFinite(spread.median())) {
      return "–";
    }
    String median = number(spread.median(), decimals);
    String min = number(spread.min(), decimals);
    String max = number(spread.max(), decimals);
    return min.equals(max) ? median : median + " (" + min + "–" + max + ")";
  }

  static String number(double value, int decimals) {
    return String.format(Locale.ROOT, "%,." + decimals + "f", value);
  }
}

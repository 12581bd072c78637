package io.multisqs.benchmarks;

import io.multisqs.benchmarks.Results.Spread;
import java.util.Collection;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;

/**
 * Writes a table: a row a consumer, the median of the rounds, and their spread where there are
 * several; and in the row what did not finish, or fell short.
 */
final class Markdown {
  private Markdown() {}

  static String table(
      Table table, Workload workload, Results results, Collection<String> consumers) {
    StringBuilder text = new StringBuilder("### ").append(table.title()).append("\n\n");
    text.append(workload.manner(table.phase())).append("\n\n| consumer |");
    StringBuilder rule = new StringBuilder("|---|");
    for (Column column : table.columns()) {
      text.append(' ').append(column.title()).append(" |");
      rule.append("---:|");
    }
    text.append('\n').append(rule).append('\n');
    Set<Shortfall> shortfalls = EnumSet.noneOf(Shortfall.class);
    for (String consumer : consumers) {
      Set<Shortfall> own = results.shortfalls(workload, table.phase(), consumer);
      shortfalls.addAll(own);
      text.append("| ").append(Shortfall.marked(consumer, own));
      int finished = results.finished(workload, table.phase(), consumer).size();
      text.append(missing(finished, results.runs(workload, consumer), workload));
      text.append(" |");
      for (Column column : table.columns()) {
        Spread spread = results.spread(workload, table.phase(), consumer, column);
        text.append(' ').append(cell(spread, column.decimals())).append(" |");
      }
      text.append('\n');
    }
    text.append('\n');
    for (Shortfall shortfall : shortfalls) {
      text.append(shortfall.legend()).append(".\n\n");
    }
    if (!table.note().isEmpty()) {
      text.append(table.note()).append("\n\n");
    }
    return text.toString();
  }

  private static String missing(int finished, int runs, Workload workload) {
    if (runs == 0) {
      return ", not run yet";
    }
    if (finished == 0) {
      return ", did not finish";
    }
    String unit = workload.phases().isEmpty() ? " starts" : " rounds";
    return finished < runs ? ", " + finished + " of " + runs + unit : "";
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

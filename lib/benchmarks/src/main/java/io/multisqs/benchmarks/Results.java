package io.multisqs.benchmarks;

import io.multisqs.benchmarks.harness.Figures;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What was measured, round by round. */
final class Results {
  private final Map<String, Map<String, List<Figures>>> byPhase = new LinkedHashMap<>();
  private final Map<String, Map<String, Integer>> runs = new LinkedHashMap<>();

  /**
   * The rounds' values of one figure.
   *
   * @param median the middle one
   * @param min the smallest
   * @param max the largest
   */
  record Spread(double median, double min, double max) {}

  /** Adds what a JVM has told before it ended; nothing, if it told nothing. */
  void add(Workload workload, String consumer, Map<String, Figures> figures) {
    runs.computeIfAbsent(workload.name(), w -> new LinkedHashMap<>())
        .merge(consumer, 1, Integer::sum);
    figures.forEach(
        (phase, values) ->
            byPhase
                .computeIfAbsent(workload.name() + "/" + phase, p -> new LinkedHashMap<>())
                .computeIfAbsent(consumer, c -> new ArrayList<>())
                .add(values));
  }

  /** How many JVMs have been run, whether or not they finished. */
  int runs(Workload workload, String consumer) {
    return runs.getOrDefault(workload.name(), Map.of()).getOrDefault(consumer, 0);
  }

  /** What the phase told, of each JVM that finished it. */
  List<Figures> finished(Workload workload, String phase, String consumer) {
    return byPhase
        .getOrDefault(workload.name() + "/" + phase, Map.of())
        .getOrDefault(consumer, List.of());
  }

  /** What it did not do of the phase, in any of the rounds. */
  Set<Shortfall> shortfalls(Workload workload, String phase, String consumer) {
    return Shortfall.of(finished(workload, phase, consumer));
  }

  /** The spread over all rounds, not a number if there is none. */
  Spread spread(Workload workload, String phase, String consumer, Column column) {
    double[] values =
        finished(workload, phase, consumer).stream()
            .mapToDouble(figures -> figures.get(column.figure()) * column.factor())
            .filter(Double::isFinite)
            .sorted()
            .toArray();
    if (values.length == 0) {
      return new Spread(Double.NaN, Double.NaN, Double.NaN);
    }
    int middle = values.length / 2;
    double median =
        values.length % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
    return new Spread(median, values[0], Arrays.stream(values).max().orElse(median));
  }
}

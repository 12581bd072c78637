package io.multisqs.benchmarks;

import io.multisqs.benchmarks.harness.Phase;
import io.multisqs.benchmarks.harness.Phase.Feed;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What a consumer's JVM is taken through, and what is shown of it.
 *
 * @param name on the command line
 * @param consumers by default
 * @param queues to listen to
 * @param concurrency handlers at once
 * @param phases in order; none means that the first message after the JVM's start is all that
 *     counts
 * @param tables one a phase that is shown
 */
record Workload(
    String name,
    List<String> consumers,
    List<String> queues,
    int concurrency,
    List<Phase> phases,
    List<Table> tables) {
  /** The name of the phase that is not shown, and warms up for the rest. */
  static final String WARM_UP = "warm-up";

  Workload withConsumers(List<String> others) {
    return new Workload(name, others, queues, concurrency, phases, tables);
  }

  Workload with(List<Phase> otherPhases, List<Table> otherTables) {
    return new Workload(name, consumers, queues, concurrency, otherPhases, otherTables);
  }

  /** Showing, of phases that last for a while, where the CPU went; empty if it has none. */
  Optional<Workload> profiled() {
    List<Column> columns = new ArrayList<>(List.of(Column.CPU, Column.RATE));
    columns.addAll(Column.layers());
    List<String> lasting =
        phases.stream()
            .filter(phase -> phase.feed() == Feed.ENDLESS || phase.feed() == Feed.STREAM)
            .map(Phase::name)
            .toList();
    List<Table> profiles =
        tables.stream()
            .filter(table -> lasting.contains(table.phase()))
            .map(
                table ->
                    new Table(
                        table.title() + ": CPU µs/message by layer",
                        table.phase(),
                        columns,
                        table.without(),
                        ""))
            .toList();
    return profiles.isEmpty() ? Optional.empty() : Optional.of(with(phases, profiles));
  }

  /** How long consumers warmed up for a phase, and how long it was measured. */
  String manner(String phaseName) {
    long warmUp = 0;
    for (Phase phase : phases) {
      if (phase.name().equals(WARM_UP)) {
        warmUp = phase.window().toMillis();
      } else if (phase.name().equals(phaseName)) {
        return "Warm-up " + seconds(warmUp) + ", " + measured(phase) + ".";
      }
    }
    return "No warm-up: a fresh JVM for each start.";
  }

  private static String measured(Phase phase) {
    String settled = "settled " + seconds(phase.settle().toMillis()) + ", ";
    return switch (phase.feed()) {
      case COUNT -> "measured until the last message is handled";
      case BURSTS -> settled + "bursts " + phase.count();
      case ENDLESS, STREAM, IDLE -> settled + "window " + seconds(phase.window().toMillis());
    };
  }

  private static String seconds(long millis) {
    return BigDecimal.valueOf(millis, 3).stripTrailingZeros().toPlainString() + " s";
  }
}

package io.multisqs.benchmarks;

import io.multisqs.benchmarks.harness.Phase;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Which server is measured against, and what can be measured on it. */
enum ServerKind {
  /** The light one, made for this. */
  WIRE("io.multisqs.benchmarks.server.WireSqs"),

  /** A real one, for a check on the other; it injects no latency and counts nothing. */
  ELASTICMQ("io.multisqs.benchmarks.elasticmq.ElasticMq");

  private final String mainClass;

  ServerKind(String mainClass) {
    this.mainClass = mainClass;
  }

  static ServerKind of(String label) {
    for (ServerKind kind : values()) {
      if (kind.label().equals(label)) {
        return kind;
      }
    }
    throw new IllegalArgumentException("server must be wire or elasticmq, was " + label);
  }

  /** As on the command line. */
  String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  String mainClass() {
    return mainClass;
  }

  /** The workload without those phases that it cannot do; empty if nothing to be shown is left. */
  Optional<Workload> whatRunsOf(Workload workload) {
    List<Phase> phases = workload.phases().stream().filter(this::runs).toList();
    if (phases.size() == workload.phases().size()) {
      return Optional.of(workload);
    }
    List<String> names = phases.stream().map(Phase::name).toList();
    List<Table> tables =
        workload.tables().stream().filter(table -> names.contains(table.phase())).toList();
    return tables.isEmpty() ? Optional.empty() : Optional.of(workload.with(phases, tables));
  }

  /** A backlog is all there at once, which no real server can be brought to. */
  private boolean runs(Phase phase) {
    return this == WIRE || (phase.latency().isZero() && phase.feed() != Phase.Feed.COUNT);
  }
}

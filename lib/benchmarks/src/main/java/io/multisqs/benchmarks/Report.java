package io.multisqs.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** Writes {@code results.md} and a chart a table into a folder, with what they were measured on. */
final class Report {
  private static final String ELASTICMQ = "elasticmq-rest-sqs";

  private final Path folder;
  private final String suffix;
  private final String stand;
  private final String note;
  private final Versions versions;
  private final String machine;

  Report(BenchOptions options, Versions versions) {
    this.folder = options.out();
    this.suffix = options.profile() ? "-by-layer" : "";
    this.versions = versions;
    Pace pace = options.pace();
    machine =
        LocalDate.now(ZoneOffset.UTC)
            + ", "
            + Runtime.getRuntime().availableProcessors()
            + " cores, JDK "
            + options.javaVersion();
    stand =
        machine
            + ", "
            + System.getProperty("os.name")
            + " "
            + System.getProperty("os.arch")
            + ", heap of each consumer "
            + options.heap()
            + ", rounds "
            + pace.rounds()
            + ", server "
            + options.server().label()
            + (options.server() == ServerKind.ELASTICMQ ? versions.after(" ", ELASTICMQ) : "");
    note =
        options.server() == ServerKind.WIRE
            ? "A dash stands for what could not be told: allocation where threads ended on a JDK before"
                + " 21, or a rate at which the server's feed ran dry.\n\n"
            : "Times count from before the send, the server's CPU includes what sending takes, and"
                + " a dash stands for what this server does not tell.\n\n";
  }

  /**
   * Writes everything measured so far; called after each run, so that nothing is lost if a bench is
   * stopped.
   */
  void write(Collection<Workload> workloads, Results results) throws IOException {
    StringBuilder text = new StringBuilder("# Side by side\n\n");
    text.append(stand).append(".\n\n").append(versions).append(".\n\n");
    text.append("Medians of the rounds, with the least and the most behind them. ");
    text.append("Only ratios of rows within one table count.\n\n").append(note);
    for (Workload workload : workloads) {
      for (Table table : workload.tables()) {
        List<String> consumers = new ArrayList<>(workload.consumers());
        consumers.removeAll(table.without());
        if (consumers.stream().allMatch(consumer -> results.runs(workload, consumer) == 0)) {
          continue;
        }
        text.append(Markdown.table(table, workload, results, consumers));
        String chart = workload.name() + "-" + table.phase() + suffix + ".svg";
        text.append("![").append(table.title()).append("](").append(chart).append(")\n\n");
        Files.writeString(
            folder.resolve(chart),
            BarChart.of(
                table, workload, results, consumers, machine + "; " + versions.of(consumers)));
      }
    }
    Files.writeString(folder.resolve("results.md"), text);
  }
}

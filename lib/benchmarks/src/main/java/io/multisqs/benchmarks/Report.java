package io.multisqs.benchmarks;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Writes {@code results.md} and a chart a table into a folder, with what they were measured on. */
final class Report {
  private static final Pattern JAR = Pattern.compile("([a-z0-9-]+?)-([0-9][0-9A-Za-z.]*)\\.jar");
  private static final List<String> NAMED =
      List.of(
          "sqs",
          "spring-cloud-aws-sqs",
          "java-dynamic-sqs-listener-core",
          "amazon-sqs-java-messaging-lib",
          "aws-crt");

  private final Path folder;
  private final String stand;
  private final String note;

  Report(Path folder, ServerKind server, Pace pace, String javaVersion) {
    this.folder = folder;
    this.stand =
        LocalDate.now(ZoneOffset.UTC)
            + ", "
            + Runtime.getRuntime().availableProcessors()
            + " cores, JDK "
            + javaVersion
            + ", warm-up "
            + pace.warmUpMillis() / 1000
            + " s, window "
            + pace.windowMillis() / 1000
            + " s, rounds "
            + pace.rounds()
            + ", server "
            + server.label();
    this.note =
        server == ServerKind.WIRE
            ? ""
            : "Times count from before the send, the server's CPU includes what sending takes, and"
                + " a dash stands for what this server does not tell.\n\n";
  }

  /**
   * Writes everything measured so far; called after each run, so that nothing is lost if a bench is
   * stopped.
   */
  void write(Collection<Workload> workloads, Results results) throws IOException {
    StringBuilder text = new StringBuilder("# Side by side\n\n");
    text.append(stand).append(". ").append(versions()).append(".\n\n");
    text.append("Medians of the rounds, with the least and the most behind them. ");
    text.append("Only ratios of rows within one table count.\n\n").append(note);
    for (Workload workload : workloads) {
      for (Table table : workload.tables()) {
        List<String> consumers = new ArrayList<>(results.consumers(workload, table.phase()));
        consumers.removeAll(table.without());
        if (consumers.isEmpty()) {
          continue;
        }
        consumers.sort((a, b) -> order(workload, a) - order(workload, b));
        text.append(Markdown.table(table, workload, results, consumers));
        String chart = workload.name() + "-" + table.phase() + ".svg";
        text.append("![").append(table.title()).append("](").append(chart).append(")\n\n");
        Files.writeString(
            folder.resolve(chart), BarChart.of(table, workload, results, consumers, stand));
      }
    }
    Files.writeString(folder.resolve("results.md"), text);
  }

  private static int order(Workload workload, String consumer) {
    int index = workload.consumers().indexOf(consumer);
    return index < 0 ? Integer.MAX_VALUE : index;
  }

  private static String versions() {
    Map<String, String> found = new TreeMap<>();
    for (String entry : System.getProperty("java.class.path", "").split(File.pathSeparator, -1)) {
      Matcher jar = JAR.matcher(Path.of(entry).getFileName() + "");
      if (jar.matches() && NAMED.contains(jar.group(1))) {
        found.put(jar.group(1), jar.group(2));
      }
    }
    return String.join(
        ", ", found.entrySet().stream().map(e -> e.getKey() + " " + e.getValue()).toList());
  }
}

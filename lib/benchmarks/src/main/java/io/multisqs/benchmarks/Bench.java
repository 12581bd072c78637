package io.multisqs.benchmarks;

import io.multisqs.benchmarks.harness.Figures;
import io.multisqs.benchmarks.harness.ServerAdmin;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;

/**
 * Measures the consumers side by side: for each round and workload, one after the other on the same
 * server, each in a fresh JVM, in an order that moves on by one each round. Writes {@code
 * results.md} with a chart a table, and every single figure as {@code figures.txt}, and prints the
 * tables.
 *
 * <pre>
 * bench [--pace full|quick|smoke] [--workloads ten,priority-1] [--consumers multisqs,spring]
 *       [--rounds 3] [--warm-up-seconds 50] [--window-seconds 10] [--heap 256m]
 *       [--java /path/to/bin/java] [--out folder]
 * </pre>
 *
 * By default the full pace, every workload, and each workload's own consumers.
 */
public final class Bench {
  private final BenchOptions options;
  private final Results results = new Results();
  private final Path figures;

  private Bench(BenchOptions options) {
    this.options = options;
    this.figures = options.out().resolve("figures.txt");
  }

  /** See the class. */
  public static void main(String[] args) throws IOException, InterruptedException {
    new Bench(BenchOptions.parse(args)).run();
  }

  private void run() throws IOException, InterruptedException {
    Files.createDirectories(options.out());
    Files.deleteIfExists(figures);
    Map<String, Workload> all = Workloads.at(options.pace());
    List<Workload> chosen = options.workloads().isEmpty() ? List.copyOf(all.values()) : chosen(all);
    Report report = new Report(options.out(), options.pace(), options.javaVersion());
    String classPath = System.getProperty("java.class.path", "");
    ConsumerProcess consumers =
        new ConsumerProcess(
            options.java(), classPath, options.heap(), options.out().resolve("errors.txt"));
    try (ServerProcess server = ServerProcess.start(options.java(), classPath)) {
      for (int round = 0; round < options.pace().rounds(); round++) {
        for (Workload workload : chosen) {
          List<String> order =
              new ArrayList<>(
                  options.consumers().isEmpty() ? workload.consumers() : options.consumers());
          Collections.rotate(order, -round);
          for (String consumer : order) {
            one(round, workload, consumer, server, consumers);
            report.write(chosen, results);
          }
        }
      }
    }
    System.out.println(Files.readString(options.out().resolve("results.md")));
  }

  private List<Workload> chosen(Map<String, Workload> all) {
    return options.workloads().stream()
        .map(
            name -> {
              Workload workload = all.get(name);
              if (workload == null) {
                throw new IllegalArgumentException(
                    "no workload " + name + "; there are " + all.keySet());
              }
              return workload;
            })
        .toList();
  }

  private void one(
      int round,
      Workload workload,
      String consumer,
      ServerProcess server,
      ConsumerProcess consumers)
      throws IOException, InterruptedException {
    System.err.printf("round %d, %s: %s%n", round + 1, workload.name(), consumer);
    prepare(server.admin(), workload);
    Map<String, Figures> measured = consumers.run(consumer, workload, server.endpoint());
    results.add(workload, consumer, measured);
    StringBuilder lines = new StringBuilder();
    measured.forEach(
        (phase, values) ->
            lines
                .append(String.join(" ", "" + (round + 1), workload.name(), consumer, phase))
                .append(' ')
                .append(values)
                .append('\n'));
    if (measured.size() < Math.max(1, workload.phases().size())) {
      lines.append(
          String.format(
              "%d %s %s did not finish, see errors.txt%n", round + 1, workload.name(), consumer));
    }
    Files.writeString(
        figures,
        lines,
        StandardCharsets.UTF_8,
        StandardOpenOption.CREATE,
        StandardOpenOption.APPEND);
  }

  private static void prepare(ServerAdmin admin, Workload workload) {
    for (String queue : workload.queues()) {
      admin.createQueue(queue);
      admin.get("/drain?queue=" + queue);
    }
    if (workload.phases().isEmpty()) {
      admin.latency(Duration.ZERO, Duration.ZERO);
      admin.get("/preload?queue=" + workload.queues().get(0) + "&count=100&bytes=1024");
    }
  }
}

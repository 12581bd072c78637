package io.multisqs.benchmarks;

import io.multisqs.benchmarks.harness.Figures;
import io.multisqs.benchmarks.harness.ServerAdmin;
import io.multisqs.benchmarks.peers.Peers;
import java.io.File;
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
import java.util.Optional;

/**
 * Measures the consumers side by side: for each round and workload, one after the other on the same
 * server, each in a fresh JVM, in an order that moves on by one each round. Writes {@code
 * results.md} with a chart a table, and every single figure as {@code figures.txt}, and prints the
 * tables.
 *
 * <pre>
 * bench [--server wire|elasticmq] [--pace full|quick|smoke] [--workloads ten,priority-1]
 *       [--consumers multisqs,spring] [--rounds 3] [--warm-up-seconds 60] [--window-seconds 5]
 *       [--heap 256m] [--java /path/to/bin/java] [--profile true] [--out folder]
 * </pre>
 *
 * By default the light server, the full pace, every workload, and each workload's own consumers. On
 * ElasticMQ only what needs no latency and no backlog that is there at once: of every workload what
 * is left of it, with a dash for what that server does not tell. Profiles, which need JDK 25, show
 * where the CPU went instead of all else; taking them costs some of it.
 */
public final class Bench {
  /** Where the script says what ElasticMQ needs; no consumer has it on its class path. */
  private static final String ELASTICMQ_CLASS_PATH = "bench.elasticmq.classpath";

  private final BenchOptions options;
  private final List<Workload> chosen;
  private final Results results = new Results();
  private final Path figures;

  private Bench(BenchOptions options) {
    this.options = options;
    List<Workload> asked = chosen(Workloads.at(options.pace()));
    refuseWhoCannotRun();
    this.chosen =
        asked.stream()
            .map(this::withWhoRuns)
            .flatMap(workload -> shown(workload).stream())
            .toList();
    this.figures = options.out().resolve("figures.txt");
  }

  /** See the class; what cannot be done ends it with status 2 before anything is started. */
  public static void main(String[] args) throws IOException, InterruptedException {
    Bench bench;
    try {
      bench = of(args);
    } catch (IllegalArgumentException e) {
      System.err.println("bench: " + e.getMessage());
      System.exit(2);
      return;
    }
    bench.run();
  }

  /** What is run. */
  List<Workload> chosen() {
    return chosen;
  }

  /** Refuses what cannot be done. */
  static Bench of(String... args) {
    return new Bench(BenchOptions.parse(args));
  }

  void run() throws IOException, InterruptedException {
    Files.createDirectories(options.out());
    Files.deleteIfExists(figures);
    String classPath = System.getProperty("java.class.path", "");
    String serversClassPath = System.getProperty(ELASTICMQ_CLASS_PATH, classPath);
    Report report =
        new Report(
            options,
            Versions.on(
                options.server() == ServerKind.WIRE
                    ? classPath
                    : classPath + File.pathSeparator + serversClassPath));
    ConsumerProcess consumers =
        new ConsumerProcess(options, classPath, options.out().resolve("errors.txt"));
    String serverClassPath = options.server() == ServerKind.WIRE ? classPath : serversClassPath;
    try (ServerProcess server =
        ServerProcess.start(options.server(), options.java(), serverClassPath)) {
      for (int round = 0; round < options.pace().rounds(); round++) {
        for (Workload workload : chosen) {
          List<String> order = new ArrayList<>(workload.consumers());
          Collections.rotate(order, -round);
          int times = workload.phases().isEmpty() ? options.pace().starts() : 1;
          for (int i = 0; i < times; i++) {
            for (String consumer : order) {
              one(round, workload, consumer, server, consumers);
              report.write(chosen, results);
            }
          }
        }
      }
    }
    System.out.println(Files.readString(options.out().resolve("results.md")));
  }

  private void refuseWhoCannotRun() {
    for (String name : options.consumers()) {
      if (!Peers.names().contains(name)) {
        throw new IllegalArgumentException("no consumer " + name + "; there are " + Peers.names());
      }
      if (!runs(name)) {
        throw new IllegalArgumentException(
            name
                + " needs a JDK of "
                + BenchOptions.VIRTUAL_THREADS_SINCE
                + " or later, --java is "
                + options.javaVersion());
      }
    }
  }

  /** With the consumers that are asked for, or else with its own as far as this JDK has them. */
  private Workload withWhoRuns(Workload workload) {
    if (!options.consumers().isEmpty()) {
      return workload.withConsumers(options.consumers());
    }
    return workload.withConsumers(workload.consumers().stream().filter(this::runs).toList());
  }

  private Optional<Workload> shown(Workload workload) {
    return options.profile() ? workload.profiled() : Optional.of(workload);
  }

  private boolean runs(String consumer) {
    return options.virtualThreads() || !consumer.endsWith("-virtual");
  }

  private List<Workload> chosen(Map<String, Workload> all) {
    if (options.workloads().isEmpty()) {
      return all.values().stream().flatMap(w -> options.server().whatRunsOf(w).stream()).toList();
    }
    return options.workloads().stream()
        .map(
            name -> {
              Workload workload = all.get(name);
              if (workload == null) {
                throw new IllegalArgumentException(
                    "no workload " + name + "; there are " + all.keySet());
              }
              return options
                  .server()
                  .whatRunsOf(workload)
                  .orElseThrow(
                      () ->
                          new IllegalArgumentException(
                              "workload "
                                  + name
                                  + " needs the wire server: all of it needs latency, or a"
                                  + " backlog that is there at once"));
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
    Map<String, Figures> measured = consumers.run(consumer, workload, server);
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

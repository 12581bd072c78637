package io.multisqs.benchmarks;

import io.multisqs.benchmarks.harness.ConsumerMain;
import io.multisqs.benchmarks.harness.Figures;
import io.multisqs.benchmarks.harness.Phase;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/** Runs consumers, each in a fresh JVM with the same heap, and reads what they print. */
final class ConsumerProcess {
  private static final long GRACE_MILLIS = 60_000;

  private final BenchOptions options;
  private final String classPath;
  private final Path errors;

  /** Errors that consumers print are added to that file. */
  ConsumerProcess(BenchOptions options, String classPath, Path errors) {
    this.options = options;
    this.classPath = classPath;
    this.errors = errors;
  }

  /** Figures by phase; of phases that were not reached in time, none. */
  Map<String, Figures> run(String consumer, Workload workload, ServerProcess server)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.addAll(
        List.of(
            options.java(),
            "-Xms" + options.heap(),
            "-Xmx" + options.heap(),
            "-Daws.accessKeyId=bench",
            "-Daws.secretAccessKey=bench",
            "-Dorg.slf4j.simpleLogger.defaultLogLevel=error",
            "-cp",
            classPathOf(consumer),
            ConsumerMain.class.getName(),
            "--consumer",
            consumer,
            "--endpoint",
            server.endpoint().toString(),
            "--admin",
            server.adminEndpoint().toString(),
            "--queues",
            String.join(",", workload.queues()),
            "--concurrency",
            Integer.toString(workload.concurrency()),
            "--profile",
            Boolean.toString(options.profile())));
    for (Phase phase : workload.phases()) {
      command.add("--phase");
      command.add(phase.toString());
    }
    if (workload.phases().isEmpty()) {
      command.add("--start-nanos");
      command.add(Long.toString(System.nanoTime()));
    }
    Process process =
        new ProcessBuilder(command)
            .redirectError(ProcessBuilder.Redirect.appendTo(errors.toFile()))
            .start();
    Thread limit = limit(process, longest(workload));
    Map<String, Figures> figures = new LinkedHashMap<>();
    try (BufferedReader out =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      for (String line = out.readLine(); line != null; line = out.readLine()) {
        int blank = line.indexOf(" {");
        if (blank > 0) {
          figures.put(line.substring(0, blank), Figures.parse(line));
        }
      }
    } finally {
      process.destroyForcibly();
      limit.interrupt();
      limit.join();
    }
    return figures;
  }

  /** No run goes on for ever, whatever the consumer does. */
  private static Thread limit(Process process, long millis) {
    Thread thread =
        new Thread(
            () -> {
              try {
                if (!process.waitFor(millis, TimeUnit.MILLISECONDS)) {
                  process.destroyForcibly();
                }
              } catch (InterruptedException e) {
                // the run is over
              }
            },
            "limit");
    thread.setDaemon(true);
    thread.start();
    return thread;
  }

  private static long longest(Workload workload) {
    long millis = GRACE_MILLIS;
    for (Phase phase : workload.phases()) {
      long windows = phase.feed() == Phase.Feed.BURSTS ? phase.count() : 1;
      // Draining the phase before may take its own 20 s.
      millis += 25_000 + phase.settle().toMillis() + windows * phase.window().toMillis();
    }
    return millis;
  }

  /**
   * Without the HTTP clients that a user has only if he asks for them: what a library takes by
   * default depends on what is there.
   */
  private String classPathOf(String consumer) {
    return Arrays.stream(classPath.split(File.pathSeparator, -1))
        .filter(entry -> !isExtra(new File(entry).getName(), consumer))
        .collect(Collectors.joining(File.pathSeparator));
  }

  private static boolean isExtra(String jar, String consumer) {
    return (jar.startsWith("url-connection-client") && !consumer.endsWith("url-connection"))
        || (jar.startsWith("apache-client") && !consumer.endsWith("apache"))
        || (jar.startsWith("aws-crt-client") && !consumer.endsWith("crt"));
  }
}

package io.multisqs.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/**
 * What was asked for on the command line.
 *
 * @param server what to measure against
 * @param pace how thorough
 * @param workloads by name; none means all
 * @param consumers by name; none means each workload's own
 * @param heap of each consumer's JVM
 * @param java to start JVMs with
 * @param out where results go
 */
record BenchOptions(
    ServerKind server,
    Pace pace,
    List<String> workloads,
    List<String> consumers,
    String heap,
    String java,
    Path out) {

  static BenchOptions parse(String[] args) {
    ServerKind server = ServerKind.WIRE;
    Pace pace = Pace.FULL;
    List<String> workloads = List.of();
    List<String> consumers = List.of();
    String heap = "256m";
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    Path out = Path.of("target", "bench");
    int rounds = 0;
    int warmUp = 0;
    int window = 0;
    for (int i = 0; i < args.length; i += 2) {
      if (i + 1 == args.length) {
        throw new IllegalArgumentException(args[i] + " needs a value");
      }
      String value = args[i + 1];
      switch (args[i]) {
        case "--server" -> server = ServerKind.of(value);
        case "--pace" -> pace = pace(value);
        case "--workloads" -> workloads = List.of(value.split(",", -1));
        case "--consumers" -> consumers = List.of(value.split(",", -1));
        case "--rounds" -> rounds = Integer.parseInt(value);
        case "--warm-up-seconds" -> warmUp = 1000 * Integer.parseInt(value);
        case "--window-seconds" -> window = 1000 * Integer.parseInt(value);
        case "--heap" -> heap = value;
        case "--java" -> java = value;
        case "--out" -> out = Path.of(value);
        default -> throw new IllegalArgumentException("unknown argument: " + args[i]);
      }
    }
    Pace asked =
        new Pace(
            warmUp > 0 ? warmUp : pace.warmUpMillis(),
            pace.settleMillis(),
            window > 0 ? window : pace.windowMillis(),
            rounds > 0 ? rounds : pace.rounds(),
            pace.starts(),
            pace.bursts(),
            pace.largestBacklog());
    return new BenchOptions(server, asked, workloads, consumers, heap, java, out);
  }

  private static Pace pace(String name) {
    return switch (name.toLowerCase(Locale.ROOT)) {
      case "full" -> Pace.FULL;
      case "quick" -> Pace.QUICK;
      case "smoke" -> Pace.SMOKE;
      default ->
          throw new IllegalArgumentException("pace must be full, quick or smoke, was " + name);
    };
  }

  /** Whether consumers' JVMs have virtual threads. */
  boolean virtualThreads() {
    String feature = javaVersion().split("[.+-]", 2)[0];
    return feature.matches("[0-9]+") && Integer.parseInt(feature) >= 21;
  }

  /** The version of the JDK that is in the folder of that name, or this one's. */
  String javaVersion() {
    Path home = Path.of(java).toAbsolutePath().normalize().getParent();
    Path release = home == null ? null : home.resolveSibling("release");
    if (release != null && Files.isReadable(release)) {
      try {
        for (String line : Files.readAllLines(release)) {
          if (line.startsWith("JAVA_VERSION=")) {
            return line.substring("JAVA_VERSION=".length()).replace("\"", "");
          }
        }
      } catch (IOException e) {
        return "unknown";
      }
    }
    return System.getProperty("java.version", "unknown");
  }
}

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
 * @param profile whether to show where the CPU went instead
 * @param out where results go
 */
record BenchOptions(
    ServerKind server,
    Pace pace,
    List<String> workloads,
    List<String> consumers,
    String heap,
    String java,
    boolean profile,
    Path out) {
  /** The first JDK that samples by CPU time. */
  private static final int PROFILES_SINCE = 25;

  /** The first JDK with virtual threads. */
  static final int VIRTUAL_THREADS_SINCE = 21;

  static BenchOptions parse(String[] args) {
    ServerKind server = ServerKind.WIRE;
    Pace pace = Pace.FULL;
    List<String> workloads = List.of();
    List<String> consumers = List.of();
    String heap = "256m";
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    boolean profile = false;
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
        case "--rounds" -> rounds = count(args[i], value);
        case "--warm-up-seconds" -> warmUp = 1000 * count(args[i], value);
        case "--window-seconds" -> window = 1000 * count(args[i], value);
        case "--heap" -> heap = value;
        case "--java" -> java = value;
        case "--profile" -> profile = isTrue(value);
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
    BenchOptions options =
        new BenchOptions(server, asked, workloads, consumers, heap, java, profile, out);
    if (profile && options.javaFeature() < PROFILES_SINCE) {
      throw new IllegalArgumentException(
          "--profile needs a JDK of "
              + PROFILES_SINCE
              + " or later, --java is "
              + options.javaVersion());
    }
    return options;
  }

  private static int count(String option, String value) {
    if (!value.matches("[1-9][0-9]{0,5}")) {
      throw new IllegalArgumentException(
          option + " must be a whole number from 1 to 999999, was " + value);
    }
    return Integer.parseInt(value);
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

  private static boolean isTrue(String value) {
    return switch (value) {
      case "true" -> true;
      case "false" -> false;
      default ->
          throw new IllegalArgumentException("--profile must be true or false, was " + value);
    };
  }

  /** Whether consumers' JVMs have virtual threads. */
  boolean virtualThreads() {
    return javaFeature() >= VIRTUAL_THREADS_SINCE;
  }

  private int javaFeature() {
    String feature = javaVersion().split("[.+-]", 2)[0];
    return feature.matches("[0-9]+") ? Integer.parseInt(feature) : 0;
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

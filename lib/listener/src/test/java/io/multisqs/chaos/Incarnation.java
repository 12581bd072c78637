package io.multisqs.chaos;

import io.multisqs.VirtualThreads;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** One {@link ListenerProcess} from its start to its end, and what it wrote. */
final class Incarnation {
  private final Process process;
  private final Path log;
  private final Path output;
  private boolean killed;

  private Incarnation(Process process, Path log, Path output) {
    this.process = process;
    this.log = log;
    this.output = output;
  }

  static Incarnation start(
      Path folder, String name, URI endpoint, List<String> queues, List<String> options)
      throws IOException {
    Path log = folder.resolve(name + ".log");
    Path output = folder.resolve(name + ".txt");
    List<String> command = new ArrayList<>();
    command.add(System.getProperty("java.home") + File.separator + "bin" + File.separator + "java");
    command.add("-XX:TieredStopAtLevel=1");
    command.add("-XX:+UseSerialGC");
    command.add("-Xmx128m");
    command.add("-Dorg.slf4j.simpleLogger.defaultLogLevel=warn");
    command.add(VirtualThreads.option());
    command.addAll(options);
    command.add("-cp");
    command.add(System.getProperty("java.class.path"));
    command.add(ListenerProcess.class.getName());
    command.add(endpoint.toString());
    command.add(log.toString());
    command.addAll(queues);
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
    builder.environment().putAll(Map.of("AWS_ACCESS_KEY_ID", "l", "AWS_SECRET_ACCESS_KEY", "l"));
    return new Incarnation(builder.start(), log, output);
  }

  /** SIGKILL. */
  void kill() {
    killed = true;
    process.destroyForcibly();
  }

  /** SIGTERM. */
  void terminate() {
    process.destroy();
  }

  boolean wasKilled() {
    return killed;
  }

  boolean isAlive() {
    return process.isAlive();
  }

  void awaitEnd() throws InterruptedException {
    if (!process.waitFor(60, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new IllegalStateException("a process did not end within 60 s, see " + output);
    }
  }

  /** Its whole lines; the last one of a killed process may be missing, never half. */
  List<String> lines() {
    try {
      return Files.exists(log) ? Files.readAllLines(log) : List.of();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  /** What it printed. */
  String output() throws IOException {
    return Files.readString(output);
  }

  @Override
  public String toString() {
    return log.getFileName() + " (" + line("A") + ")";
  }

  /** How it ended, and what it had printed. */
  String end() throws IOException {
    return log.getFileName() + " with status " + process.exitValue() + ", saying: " + output();
  }

  /** The line that starts with this letter; null where there is none. */
  @Nullable String line(String letter) {
    return lines().stream().filter(l -> l.startsWith(letter + " ")).findFirst().orElse(null);
  }
}

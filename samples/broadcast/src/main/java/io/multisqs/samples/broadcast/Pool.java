package io.multisqs.samples.broadcast;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/** The instances' processes, and what they say. */
final class Pool implements AutoCloseable {
  private final Map<String, Process> processes = new LinkedHashMap<>();
  private final List<Thread> readers = new ArrayList<>();
  private final List<String> lines = new ArrayList<>(); // guarded by this

  void start(String name, List<String> arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    // Five JVMs on one machine: small, and quick to start.
    command.addAll(List.of("-Xmx64m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp"));
    command.add(ClassPath.ofThisProcess());
    command.add(Instance.class.getName());
    command.add(name);
    command.addAll(arguments);
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      processes.put(name, process);
      Thread reader = new Thread(() -> read(process), "reads-" + name);
      reader.setDaemon(true);
      reader.start();
      readers.add(reader);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void read(Process process) {
    try (BufferedReader out =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      for (String line = out.readLine(); line != null; line = out.readLine()) {
        System.out.println("  " + line);
        synchronized (this) {
          lines.add(line);
          notifyAll();
        }
      }
    } catch (IOException e) {
      System.out.println("  (cut short)");
    }
  }

  /** Waits until each of the instances has said it, or the time is over. */
  synchronized boolean allSay(List<String> names, String what, Duration longest)
      throws InterruptedException {
    long end = System.nanoTime() + longest.toNanos();
    Predicate<String> said = name -> lines.stream().anyMatch(l -> l.startsWith(name + " " + what));
    for (long left = longest.toNanos();
        !names.stream().allMatch(said) && left > 0;
        left = end - System.nanoTime()) {
      TimeUnit.NANOSECONDS.timedWait(this, left);
    }
    return names.stream().allMatch(said);
  }

  synchronized long count(String what) {
    return lines.stream().filter(l -> l.contains(what)).count();
  }

  /** SIGKILL: the process can do nothing any more. */
  void kill(String name) throws InterruptedException {
    process(name).toHandle().destroyForcibly();
    process(name).waitFor();
  }

  /** SIGTERM: the process leaves in order. */
  boolean stop(String name, Duration longest) throws InterruptedException {
    // By its handle: the process's own destroy() would also close what it still has to say.
    process(name).toHandle().destroy();
    return process(name).waitFor(longest.toMillis(), TimeUnit.MILLISECONDS);
  }

  private Process process(String name) {
    Process process = processes.get(name);
    if (process == null) {
      throw new IllegalArgumentException("no instance " + name);
    }
    return process;
  }

  List<String> names() {
    return List.copyOf(processes.keySet());
  }

  @Override
  public void close() {
    processes.values().forEach(Process::destroyForcibly);
  }
}

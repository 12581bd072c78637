package io.multisqs.chaos;

import io.multisqs.testkit.LocalSqs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;

/**
 * Four listener processes on the same two queues, one standard, one FIFO, while at random moments
 * one is killed and another asked to end, and both are started again. At the end every message is
 * asked for.
 *
 * <p>A command: {@code mvn -q -B -pl lib/listener -am -Pendurance test-compile exec:exec
 * -Dendurance.main=io.multisqs.chaos.DyingProcesses}; {@code -Dendurance.args="20000 16 20 1"}:
 * messages, deaths, visibility timeout in seconds, seed.
 */
final class DyingProcesses {
  private static final Pattern UNCONFIRMED = Pattern.compile("unconfirmed (\\d+)");

  private static final int PROCESSES = 4;
  private static final int GROUPS = 100;

  private final int messages;
  private final int deaths;
  private final Duration visibility;
  private final SplittableRandom random;
  private final Duration limit;
  private final List<Incarnation> all = new ArrayList<>();
  private final Path folder;

  DyingProcesses(int messages, int deaths, Duration visibility, long seed, Duration limit)
      throws IOException {
    this.messages = messages;
    this.deaths = deaths;
    this.visibility = visibility;
    this.random = new SplittableRandom(seed);
    this.limit = limit;
    this.folder = Files.createTempDirectory("multisqs-processes");
  }

  /** What it came to. */
  record Report(
      int messages,
      long handledOnce,
      long handledTwice,
      TreeSet<Integer> lost,
      int killed,
      int terminated,
      long longestStopMillis,
      String longestStop,
      Duration took,
      List<String> problems) {}

  public static void main(String... args) throws Exception {
    int messages = args.length > 0 ? Integer.parseInt(args[0]) : 20_000;
    int deaths = args.length > 1 ? Integer.parseInt(args[1]) : 16;
    int visibility = args.length > 2 ? Integer.parseInt(args[2]) : 20;
    long seed = args.length > 3 ? Long.parseLong(args[3]) : Seed.drawn();
    System.out.println("seed " + seed);
    Report report =
        new DyingProcesses(
                messages, deaths, Duration.ofSeconds(visibility), seed, Duration.ofMinutes(15))
            .run();
    System.out.println(report);
    System.exit(report.problems.isEmpty() ? 0 : 1);
  }

  Report run() throws IOException, InterruptedException {
    long began = System.nanoTime();
    try (LocalSqs sqs = LocalSqs.start()) {
      Map<QueueAttributeName, String> hidden =
          Map.of(QueueAttributeName.VISIBILITY_TIMEOUT, "" + visibility.toSeconds());
      List<Work> work =
          List.of(
              new Work(sqs, sqs.createQueue("numbers", hidden), 0),
              new Work(sqs, sqs.createQueue("numbers.fifo", hidden), GROUPS));
      work.get(0).send(0, messages / 2);
      work.get(1).send(messages / 2, messages);
      try {
        Incarnation[] living = new Incarnation[PROCESSES];
        for (int i = 0; i < PROCESSES; i++) {
          living[i] = start(sqs, i);
        }
        letDie(sqs, living, began);
        await(began, () -> handled().size() == messages && work.stream().allMatch(Work::isEmpty));
        for (Incarnation last : living) {
          last.terminate();
        }
        for (Incarnation last : living) {
          last.awaitEnd();
        }
      } finally {
        all.stream().filter(Incarnation::isAlive).forEach(Incarnation::kill);
      }
      return report(Duration.ofNanos(System.nanoTime() - began));
    } finally {
      deleteFolder();
    }
  }

  private Incarnation start(LocalSqs sqs, int place) throws IOException {
    Incarnation started =
        Incarnation.start(
            folder,
            "process-" + place + "-" + all.size(),
            sqs.endpoint(),
            List.of("numbers", "numbers.fifo"),
            List.of("-Dfails=0.01"));
    all.add(started);
    return started;
  }

  /** A death each time that another part of the work is done, so that it meets work. */
  private void letDie(LocalSqs sqs, Incarnation[] living, long began)
      throws IOException, InterruptedException {
    for (int death = 0; death < deaths; death++) {
      double part = (death + 0.2 + random.nextDouble() * 0.8) / (deaths + 1);
      int first = random.nextInt(PROCESSES);
      // One that has worked: a JVM that is still starting would prove nothing.
      await(began, () -> handled().size() >= messages * part && worked(living, first).isPresent());
      int victim = worked(living, first).orElse(first);
      if (death % 2 == 0) {
        living[victim].kill();
      } else {
        living[victim].terminate();
      }
      living[victim].awaitEnd();
      living[victim] = start(sqs, victim);
    }
  }

  /** The place of the first process from this place on that has started a handler. */
  private static OptionalInt worked(Incarnation[] living, int first) {
    return IntStream.range(first, first + PROCESSES)
        .map(i -> i % PROCESSES)
        .filter(i -> !living[i].lines().isEmpty())
        .findFirst();
  }

  private interface Condition {
    boolean holds();
  }

  private void await(long began, Condition condition) throws IOException, InterruptedException {
    while (!condition.holds() && System.nanoTime() - began < limit.toNanos()) {
      for (Incarnation one : all.subList(Math.max(0, all.size() - PROCESSES), all.size())) {
        if (!one.isAlive() && !one.wasKilled() && one.line("A") == null) {
          throw new IllegalStateException("a process ended by itself: " + one.end());
        }
      }
      Thread.sleep(200);
    }
  }

  private Set<Integer> handled() {
    TreeSet<Integer> numbers = new TreeSet<>();
    for (Incarnation one : all) {
      for (String line : one.lines()) {
        if (line.startsWith("H ")) {
          numbers.add(Integer.parseInt(line.split(" ", -1)[1]));
        }
      }
    }
    return numbers;
  }

  // ---- at the end -----------------------------------------------------------------------------

  private record Handling(Incarnation by, long at) {}

  private Report report(Duration took) throws IOException {
    List<String> problems = new ArrayList<>();
    Map<Integer, List<Handling>> handlings = new HashMap<>();
    Map<Integer, Long> firstStart = new HashMap<>();
    long longestMillis = 0;
    String longestStop = "";
    for (Incarnation one : all) {
      int own = 0;
      for (String line : one.lines()) {
        String[] words = line.split(" ", -1);
        if (line.startsWith("H ")) {
          own++;
          handlings
              .computeIfAbsent(Integer.parseInt(words[1]), n -> new ArrayList<>())
              .add(new Handling(one, Long.parseLong(words[2])));
        } else if (line.startsWith("S ")) {
          firstStart.merge(Integer.parseInt(words[1]), Long.parseLong(words[2]), Math::min);
        } else if (line.startsWith("B ")) {
          problems.add(line);
        }
      }
      String account = one.line("A");
      if (account == null) {
        if (!one.wasKilled()) {
          problems.add("one that was asked to end left no account: " + one.end());
        }
        continue;
      }
      String[] words = account.split(" ", -1);
      if (Long.parseLong(words[3]) > longestMillis) {
        longestMillis = Long.parseLong(words[3]);
        longestStop = account + (longestMillis > 5_000 ? "\n" + one.output() : "");
      }
      if (!words[1].equals("adds-up")) {
        problems.add("the account does not add up: " + account);
      }
      if (Integer.parseInt(words[2]) != own) {
        problems.add("its log has " + own + " handled messages, its account: " + account);
      }
    }
    checkTwice(handlings, problems);
    checkOrder(handlings, firstStart, problems);
    TreeSet<Integer> lost = new TreeSet<>();
    for (int n = 0; n < messages; n++) {
      if (!handlings.containsKey(n)) {
        lost.add(n);
      }
    }
    if (!lost.isEmpty()) {
      problems.add("lost: " + lost);
    }
    long once = handlings.values().stream().filter(h -> h.size() == 1).count();
    int killed = (int) all.stream().filter(Incarnation::wasKilled).count();
    return new Report(
        messages,
        once,
        handlings.size() - once,
        lost,
        killed,
        all.size() - killed,
        longestMillis,
        longestStop,
        took,
        problems);
  }

  /**
   * A message may be handled again only after a process that was killed, or where a machine kept a
   * process from its lease: then that process's account names the message as unconfirmed. It is the
   * earlier of the two if the later one received the message anew. It is the later one if that was
   * late itself: it had received the message first, and the earlier one could delete it.
   */
  private void checkTwice(Map<Integer, List<Handling>> handlings, List<String> problems) {
    Map<Incarnation, Integer> left = new HashMap<>();
    all.forEach(one -> left.put(one, unconfirmed(one)));
    List<String> unexplained = new ArrayList<>();
    handlings.forEach(
        (n, those) -> {
          those.sort(Comparator.comparingLong(Handling::at));
          for (int i = 0; i + 1 < those.size(); i++) {
            Handling earlier = those.get(i);
            Handling later = those.get(i + 1);
            if (earlier.by().wasKilled()
                || (later.by().wasKilled() && startOf(n, later) - earlier.at() < 0)) {
              continue;
            }
            if (!takeOne(left, earlier.by()) && !takeOne(left, later.by())) {
              unexplained.add(
                  "message "
                      + n
                      + " was handled by "
                      + earlier.by()
                      + ", which was not killed, and again "
                      + (later.at() - earlier.at()) / 1_000_000
                      + " ms later, started "
                      + (startOf(n, later) - earlier.at()) / 1_000_000
                      + " ms later, by "
                      + later.by());
            }
          }
        });
    problems.addAll(unexplained);
  }

  private static boolean takeOne(Map<Incarnation, Integer> left, Incarnation by) {
    int of = left.getOrDefault(by, 0);
    left.put(by, Math.max(0, of - 1));
    return of > 0;
  }

  /** When the handler started that ended then: the last start of that message before it. */
  private static long startOf(int message, Handling handling) {
    long start = handling.at();
    for (String line : handling.by().lines()) {
      String[] words = line.split(" ", -1);
      if (words[0].equals("S") && Integer.parseInt(words[1]) == message) {
        long at = Long.parseLong(words[2]);
        start = at - handling.at() < 0 ? at : start;
      }
    }
    return start;
  }

  private static int unconfirmed(Incarnation by) {
    Matcher named = UNCONFIRMED.matcher(String.valueOf(by.line("A")));
    return named.find() ? Integer.parseInt(named.group(1)) : 0;
  }

  /**
   * In a FIFO group no message starts, for the first time, before the one before it was handled.
   */
  private void checkOrder(
      Map<Integer, List<Handling>> handlings, Map<Integer, Long> starts, List<String> problems) {
    for (int n = messages / 2 + GROUPS; n < messages; n++) {
      List<Handling> before = handlings.get(n - GROUPS);
      Long start = starts.get(n);
      if (start != null && (before == null || before.get(0).at() - start > 0)) {
        problems.add("message " + n + " overtook " + (n - GROUPS) + " of its group");
      }
    }
  }

  private void deleteFolder() throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}

package io.multisqs.chaos;

import io.multisqs.testkit.LocalSqs;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;

/**
 * Minutes of steady load with faults and with handlers that outlast the visibility timeout; the
 * listener is a process of its own, which writes its threads, its live heap after a collection and
 * its books down every so often.
 *
 * <p>A command: {@code mvn -q -B -pl lib/listener -am -Pendurance test-compile exec:exec
 * -Dendurance.main=io.multisqs.chaos.Soak}; {@code -Dendurance.args="600 40 1"}: seconds, messages
 * a second, seed. Ends with status 1 if a promise was broken.
 */
final class Soak {
  private static final Duration VISIBILITY = Duration.ofSeconds(4);
  private static final Duration GIVES_UP_AFTER = Duration.ofMillis(3_500);
  private static final double FAULTS = 0.05;
  private static final int GROUPS = 50;
  private static final Pattern FIGURES = Pattern.compile("^F threads (\\d+) heapKiB (\\d+) ");
  private static final String CLOSED = "Books[requested=0, waiting=0, bytes=0, slots=0, here=0]";

  private Soak() {}

  public static void main(String... args) throws Exception {
    int seconds = args.length > 0 ? Integer.parseInt(args[0]) : 600;
    int perSecond = args.length > 1 ? Integer.parseInt(args[1]) : 40;
    long seed = args.length > 2 ? Long.parseLong(args[2]) : Seed.drawn();
    System.out.println("soak of " + seconds + " s, " + perSecond + " a second, seed " + seed);
    Path folder = Files.createTempDirectory("multisqs-soak");
    FaultLedger ledger = new FaultLedger();
    FaultSchedule schedule = new FaultSchedule(seed, FAULTS);
    try (LocalSqs sqs = LocalSqs.start();
        FaultyProxy proxy = new FaultyProxy(sqs.endpoint(), schedule, ledger, GIVES_UP_AFTER)) {
      Map<QueueAttributeName, String> hidden =
          Map.of(QueueAttributeName.VISIBILITY_TIMEOUT, "" + VISIBILITY.toSeconds());
      Work standard = new Work(sqs, sqs.createQueue("soak", hidden), 0);
      Work fifo = new Work(sqs, sqs.createQueue("soak.fifo", hidden), GROUPS);
      Incarnation listener =
          Incarnation.start(
              folder,
              "soak",
              proxy.endpoint(),
              List.of("soak", "soak.fifo"),
              List.of(
                  "-Dslots=20",
                  "-Dslow=0.01",
                  "-DslowMillis=" + VISIBILITY.plusSeconds(2).toMillis(),
                  "-Dfails=0.01",
                  "-Dfigures=" + Math.max(5, seconds / 20),
                  "-DattemptMillis=" + GIVES_UP_AFTER.toMillis()));
      try {
        int sent = load(standard, fifo, seconds, perSecond, schedule);
        schedule.calm(true);
        boolean empty = drain(standard, fifo, listener);
        // Threads that are kept for 10 s of idleness end; one more line of figures is written.
        Thread.sleep(15_000 + Math.max(5, seconds / 20) * 1_000L);
        listener.terminate();
        listener.awaitEnd();
        System.exit(report(listener, ledger, sent, empty) ? 0 : 1);
      } finally {
        listener.kill();
      }
    }
  }

  private static int load(
      Work standard, Work fifo, int seconds, int perSecond, FaultSchedule schedule)
      throws InterruptedException {
    int sent = 0;
    Thread.sleep(5_000); // The process starts; a start refuses what it cannot look up.
    schedule.calm(false);
    long began = System.nanoTime();
    for (int tick = 0; tick < seconds * 2; tick++) {
      int half = perSecond / 4;
      standard.send(sent, sent + half);
      fifo.send(sent + half, sent + 2 * half);
      sent += 2 * half;
      long ahead = began + (tick + 1) * 500_000_000L - System.nanoTime();
      if (ahead > 0) {
        Thread.sleep(ahead / 1_000_000);
      }
    }
    return sent;
  }

  private static boolean drain(Work standard, Work fifo, Incarnation listener)
      throws InterruptedException {
    long end = System.nanoTime() + Duration.ofMinutes(3).toNanos();
    while (System.nanoTime() - end < 0 && listener.isAlive()) {
      if (standard.isEmpty() && fifo.isEmpty()) {
        return true;
      }
      Thread.sleep(500);
    }
    return false;
  }

  private static boolean report(Incarnation listener, FaultLedger ledger, int sent, boolean empty) {
    Set<Integer> handled = new HashSet<>();
    int twice = 0;
    int broken = 0;
    for (String line : listener.lines()) {
      if (line.startsWith("H ")) {
        twice += handled.add(Integer.parseInt(line.split(" ", -1)[1])) ? 0 : 1;
      } else if (line.startsWith("F ") || line.startsWith("A ") || line.startsWith("B ")) {
        System.out.println(line);
        broken += line.startsWith("B ") || line.contains("DOES-NOT-ADD-UP") ? 1 : 0;
      }
    }
    System.out.println(
        "sent "
            + sent
            + ", handled "
            + handled.size()
            + ", handled twice "
            + twice
            + ", lost "
            + (sent - handled.size())
            + ", queues empty "
            + empty
            + "\nfaults "
            + ledger.counts());
    List<String> uneven = uneven(listener.lines());
    uneven.forEach(System.out::println);
    return broken == 0 && twice == 0 && handled.size() == sent && empty && uneven.isEmpty();
  }

  /** What is not level at the end: threads, live heap, credits and all that a listener holds. */
  private static List<String> uneven(List<String> lines) {
    List<int[]> figures = new ArrayList<>();
    List<String> uneven = new ArrayList<>();
    String idle = "";
    for (String line : lines) {
      Matcher figure = FIGURES.matcher(line);
      if (figure.find()) {
        figures.add(
            new int[] {Integer.parseInt(figure.group(1)), Integer.parseInt(figure.group(2))});
        idle = line;
      } else if (line.startsWith("A ") && !line.endsWith(CLOSED)) {
        uneven.add("books that are not closed: " + line);
      }
    }
    if (figures.size() < 3) {
      uneven.add("too few figures to tell: " + figures.size());
      return uneven;
    }
    int[] first = figures.get(0);
    int[] last = figures.get(figures.size() - 1);
    if (last[0] > first[0] + 5) {
      uneven.add("threads grew from " + first[0] + " to " + last[0]);
    }
    if (last[1] > first[1] * 1.25 + 2_048) {
      uneven.add("live heap grew from " + first[1] + " to " + last[1] + " KiB");
    }
    if (!idle.contains("waiting=0") || !idle.contains("slots=0") || !idle.contains("here=0")) {
      uneven.add("idle, and yet it holds something: " + idle);
    }
    return uneven;
  }
}

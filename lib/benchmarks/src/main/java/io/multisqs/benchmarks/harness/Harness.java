package io.multisqs.benchmarks.harness;

import io.multisqs.benchmarks.harness.Recorder.Start;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** Takes a running consumer through phases and measures it. */
final class Harness {
  private static final int BURST = 200;
  private static final Duration QUIET = Duration.ofMillis(300);
  private static final Duration LONGEST_DRAIN = Duration.ofSeconds(20);
  private static final Duration GRACE = Duration.ofMillis(10);

  /** From so many on, a collection half way through costs next to nothing of the rate. */
  private static final int MANY = 1_000_000;

  private final ServerAdmin admin;
  private final List<String> queues;
  private final Recorder recorder;
  private final boolean profiled;

  Harness(ServerAdmin admin, List<String> queues, Recorder recorder, boolean profiled) {
    this.admin = admin;
    this.queues = queues;
    this.recorder = recorder;
    this.profiled = profiled;
  }

  Figures run(Phase phase) throws InterruptedException {
    boolean drained = drain();
    admin.latency(phase.latency(), phase.jitter());
    recorder.handlerTakes(phase.handler().toNanos());
    Figures figures =
        switch (phase.feed()) {
          case COUNT -> count(phase);
          case BURSTS -> bursts(phase);
          case ENDLESS, STREAM, IDLE -> window(phase);
        };
    return figures.put("drained", drained ? 1 : 0);
  }

  private Figures window(Phase phase) throws InterruptedException {
    if (phase.feed() == Phase.Feed.ENDLESS) {
      admin.get("/endless?queue=" + queues.get(0) + "&bytes=" + phase.bytes());
    } else if (phase.feed() == Phase.Feed.STREAM) {
      admin.get(
          "/burst?queue="
              + queues.get(0)
              + "&count=1&times=1000000000&bytes="
              + phase.bytes()
              + "&everyMicros="
              + TimeUnit.SECONDS.toMicros(1) / phase.count());
    }
    Thread.sleep(phase.settle().toMillis());
    Profile profile = profiled ? Profile.start() : null;
    Measured measured = begin();
    recorder.note(phase.feed() == Phase.Feed.STREAM);
    Thread.sleep(phase.window().toMillis());
    recorder.note(false);
    Figures figures = end(measured);
    if (profile != null) {
      profile.end(figures);
    }
    if (phase.feed() == Phase.Feed.STREAM) {
      Starts.waits(recorder.starts(), figures);
    }
    return figures.put("liveHeapBytes", Usage.liveHeapBytes());
  }

  private Figures count(Phase phase) throws InterruptedException {
    Measured measured = begin();
    long goal = measured.handled + phase.count();
    admin.get(
        "/preload?queue=" + queues.get(0) + "&count=" + phase.count() + "&bytes=" + phase.bytes());
    double halfWayHeap = Double.NaN;
    Duration half = phase.window().dividedBy(2);
    if (await(() -> recorder.handled() >= goal - phase.count() / 2, half)
        && phase.count() >= MANY) {
      halfWayHeap = Usage.liveHeapBytes();
    }
    await(() -> recorder.handled() >= goal, half);
    Figures figures = end(measured);
    figures.put("halfWayHeapBytes", halfWayHeap);
    // Deletes may lag behind; a consumer that never gets to them is found out here.
    await(() -> admin.stats().get("deleted") >= phase.count(), Duration.ofSeconds(5));
    return figures
        .put("expected", phase.count())
        .put("deleted", admin.stats().get("deleted"))
        .put("liveHeapBytes", Usage.liveHeapBytes());
  }

  private Figures bursts(Phase phase) throws InterruptedException {
    String urgent = queues.get(queues.size() - 1);
    int lane = queues.size() - 1;
    admin.get("/endless?queue=" + queues.get(0) + "&bytes=" + phase.bytes());
    Thread.sleep(phase.settle().toMillis());
    Measured measured = begin();
    recorder.note(true);
    int done = 0;
    int begun = 0;
    for (boolean inTime = true; inTime && done < phase.count(); begun++) {
      long goal = recorder.handledInLastLane() + BURST;
      admin.get("/burst?queue=" + urgent + "&count=" + BURST + "&bytes=" + phase.bytes());
      inTime = await(() -> recorder.handledInLastLane() >= goal, phase.window());
      done += inTime ? 1 : 0;
      Thread.sleep(QUIET.toMillis());
    }
    recorder.note(false);
    Figures figures = end(measured);
    Start[] starts = recorder.starts();
    Starts.waits(starts, figures);
    if (measured.server.get("stampedWhenSent") != 1) {
      // Else nobody knows since when a message was visible.
      figures.put("inversionsABurst", Starts.each(Starts.inversions(starts, lane, 0), begun));
      long grace = phase.latency().plus(phase.jitter()).plus(GRACE).toNanos();
      figures.put(
          "inversionsABurstBeyond", Starts.each(Starts.inversions(starts, lane, grace), begun));
    }
    figures.put("lastStartsMillis", Starts.lastStartsMillis(starts, lane));
    return figures.put("bursts", phase.count()).put("burstsDone", done);
  }

  /**
   * Empties all queues and waits until no handler has started for a moment.
   *
   * @return false if that moment did not come
   */
  private boolean drain() throws InterruptedException {
    recorder.handlerTakes(0);
    admin.latency(Duration.ZERO, Duration.ZERO);
    long end = System.nanoTime() + LONGEST_DRAIN.toNanos();
    boolean quiet;
    do {
      for (String queue : queues) {
        admin.get("/drain?queue=" + queue);
      }
      long before = recorder.started();
      Thread.sleep(QUIET.toMillis());
      quiet = recorder.started() == before && recorder.handled() == before;
    } while (!quiet && System.nanoTime() - end < 0);
    return quiet;
  }

  private static boolean await(BooleanSupplier condition, Duration longest)
      throws InterruptedException {
    long end = System.nanoTime() + longest.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - end > 0) {
        return false;
      }
      Thread.sleep(2);
    }
    return true;
  }

  private record Measured(Usage usage, long handled, long workedNanos, Figures server) {}

  private Measured begin() {
    admin.get("/reset");
    return new Measured(Usage.now(), recorder.handled(), recorder.workedNanos(), admin.stats());
  }

  private Figures end(Measured begin) {
    Usage usage = Usage.now();
    long handled = recorder.handled() - begin.handled;
    long worked = recorder.workedNanos() - begin.workedNanos;
    Figures server = admin.stats();
    double seconds = (usage.atNanos() - begin.usage.atNanos()) / 1e9;
    double each = Math.max(1, handled);
    Figures figures = new Figures();
    figures.put("seconds", seconds);
    figures.put("handled", handled);
    // Where the feed could not keep up, this is the feed's rate, and no consumer's.
    boolean ranDry = server.get("ranDry") > 0;
    figures.put("perSecond", ranDry ? Double.NaN : handled / seconds);
    figures.put("slotsAtWork", ranDry ? Double.NaN : worked / 1e9 / seconds);
    double cpu = usage.cpuNanos() - begin.usage.cpuNanos();
    figures.put("cpuMicrosEach", cpu / 1000 / each);
    figures.put("cpuMillisPerSecond", cpu / 1e6 / seconds);
    figures.put("allocatedEach", usage.allocatedSince(begin.usage) / each);
    figures.put("threads", Usage.threads());
    double receives = server.get("ReceiveMessage");
    double deletes = server.get("DeleteMessage") + server.get("DeleteMessageBatch");
    double leases =
        server.get("ChangeMessageVisibility") + server.get("ChangeMessageVisibilityBatch");
    double others =
        server.get("GetQueueUrl") + server.get("GetQueueAttributes") + server.get("CreateQueue");
    figures.put("receivesEach", receives / each);
    figures.put("deletesEach", deletes / each);
    figures.put("leasesEach", leases / each);
    double requests = receives + deletes + leases + others;
    figures.put("requestsEach", requests / each);
    figures.put("requestsPerMinute", 60 * requests / seconds);
    double serverCpu = server.get("processCpuNanos") - begin.server.get("processCpuNanos");
    figures.put("serverCpuMicrosEach", serverCpu / 1000 / each);
    return figures.put("serverCpuMillisPerSecond", serverCpu / 1e6 / seconds);
  }
}

package io.multisqs.internal;

import io.multisqs.ListenerOptions;
import io.multisqs.SqsListenerConfig;
import java.time.Duration;
import java.util.Locale;
import java.util.Random;
import java.util.function.DoubleSupplier;
import java.util.function.Supplier;

/**
 * A steady flow of higher messages beside lower work that never ends, in simulation: how much of
 * the lower work that there were slots for was done, and how much slot time the hold cost.
 *
 * <p>As a command it prints the table of {@code lib/docs/decisions/how-long-lower-work-is-held.md}:
 * {@code mvn -q -B -pl lib/listener -am -Pendurance test-compile exec:exec
 * -Dendurance.main=io.multisqs.internal.SteadyTraffic}.
 */
final class SteadyTraffic {
  private static final Duration LOW_HANDLER = Duration.ofMillis(50);
  private static final Duration WARM_UP = Duration.ofSeconds(2);

  /** How a server answers receives from a deep queue. */
  enum Answers {
    FULL,
    PARTIAL,
    MIXED;

    private void on(TravellingSqs way) {
      switch (this) {
        case FULL -> way.mostInAnAnswer = asked -> asked;
        case PARTIAL -> way.answerInPart();
        case MIXED -> way.answerInPartAtTimes();
      }
    }
  }

  /**
   * What was measured.
   *
   * @param lowStarted lower messages started
   * @param lowCouldStart lower messages started in the same traffic with the hold off
   * @param heldShare the share of slot time that stood idle because of the hold
   * @param worstSecond the same of the second in which it was the largest
   * @param longestHold one hold of all slots, as a share of a second's slot time
   */
  record Result(
      long lowStarted,
      long lowCouldStart,
      double heldShare,
      double worstSecond,
      double longestHold) {
    double done() {
      return (double) lowStarted / lowCouldStart;
    }
  }

  private final int slots;
  private final Duration roundTrip;
  private final Duration highHandler;
  private Answers answers = Answers.FULL;
  private double jitter;
  private int reserved;
  private Supplier<DoubleSupplier> traffic = () -> () -> 1;
  private Duration lasts = Duration.ofSeconds(5);

  SteadyTraffic(int slots, Duration roundTrip, Duration highHandler) {
    this.slots = slots;
    this.roundTrip = roundTrip;
    this.highHandler = highHandler;
  }

  /** A higher message each so often. */
  SteadyTraffic each(Duration gap) {
    double seconds = gap.toNanos() / 1e9;
    traffic = () -> () -> seconds;
    return this;
  }

  /** Higher messages at random, so many a second on average. */
  SteadyTraffic poisson(double aSecond) {
    traffic =
        () -> {
          Random random = new Random(42);
          return () -> -Math.log(1 - random.nextDouble()) / aSecond;
        };
    return this;
  }

  SteadyTraffic answers(Answers as) {
    answers = as;
    return this;
  }

  SteadyTraffic jitter(double share) {
    jitter = share;
    return this;
  }

  /** So many slots are reserved for the lower bus. */
  SteadyTraffic reserved(int count) {
    reserved = count;
    return this;
  }

  SteadyTraffic lasts(Duration duration) {
    lasts = duration;
    return this;
  }

  Result run() {
    long without;
    try (SimulatedListener listener = new SimulatedListener(roundTrip)) {
      without = run(listener, ListenerOptions.builder().priorityHold(Duration.ZERO), 0).lowStarted;
    }
    try (SimulatedListener listener = new SimulatedListener(roundTrip)) {
      return run(listener, ListenerOptions.builder(), without);
    }
  }

  private Result run(
      SimulatedListener listener, ListenerOptions.Builder options, long lowCouldStart) {
    listener.way.jitter = jitter;
    answers.on(listener.way);
    options.concurrency(slots);
    if (reserved > 0) {
      options.busOptions("low", reserved, slots);
    }
    listener
        .queue(SqsListenerConfig.builder("low").bus("low").build())
        .queue(SqsListenerConfig.builder("high").priority(5).bus("high").build())
        .options(options)
        .handler(
            message -> listener.work(message.queue().equals("high") ? highHandler : LOW_HANDLER));
    Duration all = WARM_UP.plus(lasts);
    long lowAtMost = slots * (all.toMillis() / LOW_HANDLER.toMillis() + 1) + 50;
    listener.send("low", "L", Math.toIntExact(lowAtMost));
    listener.start();
    sendOn(listener, traffic.get(), 0);
    listener.runFor(WARM_UP);
    long lowBefore = listener.startsOf("low");
    double heldBefore = held(listener);
    double heldLast = heldBefore;
    double worst = 0;
    for (long second = 0; second < lasts.toSeconds(); second++) {
      listener.runFor(Duration.ofSeconds(1));
      double heldNow = held(listener);
      worst = Math.max(worst, heldNow - heldLast);
      heldLast = heldNow;
    }
    double slotSeconds = slots * (double) lasts.toSeconds();
    double hold =
        listener.board.receiving.holdOf(listener.lane("high"), listener.simulation.nanoTime())
            / 1e9;
    return new Result(
        listener.startsOf("low") - lowBefore,
        lowCouldStart,
        (heldLast - heldBefore) / slotSeconds,
        worst / slots,
        hold);
  }

  /** Sends the next one when its time has come, and so on. */
  private void sendOn(SimulatedListener listener, DoubleSupplier gaps, int number) {
    listener.simulation.after(
        Duration.ofNanos((long) (gaps.getAsDouble() * 1e9)),
        () -> {
          listener.send("high", "H" + number);
          sendOn(listener, gaps, number + 1);
        });
  }

  private static double held(SimulatedListener listener) {
    return listener.slotTimeHeld().toNanos() / 1e9;
  }

  // ---- as a command ---------------------------------------------------------------------------

  private static void print(String traffic, String round, int slots, Result result) {
    System.out.printf(
        Locale.ROOT,
        "| %s | %s | %d | %d of %d | %.1f %% | %.2f %% | %.1f %% |%n",
        traffic,
        round,
        slots,
        result.lowStarted,
        result.lowCouldStart,
        100 * result.done(),
        100 * result.heldShare,
        100 * result.worstSecond);
  }

  /** Prints the table. */
  public static void main(String[] args) {
    System.out.println(
        "| higher traffic | round trip | slots | low started of those that could | | held | held, worst"
            + " second |");
    System.out.println("|---|---|---|---|---|---|---|");
    Duration quick = Duration.ofMillis(1);
    for (int[] each : new int[][] {{30, 15}, {20, 5}, {150, 100}}) {
      Duration way = Duration.ofMillis(each[1]);
      Result result = new SteadyTraffic(10, way, quick).each(Duration.ofMillis(each[0])).run();
      print("one each " + each[0] + " ms", each[1] + " ms", 10, result);
    }
    for (int rate : new int[] {34, 100, 200}) {
      Result result = new SteadyTraffic(10, Duration.ofMillis(15), quick).poisson(rate).run();
      print("Poisson, " + rate + " a second", "15 ms", 10, result);
    }
    for (int slots : new int[] {1, 2, 10, 50}) {
      for (int way : new int[] {1, 15, 150}) {
        for (int load : new int[] {1, 10, 50, 90}) {
          for (Answers answers : Answers.values()) {
            Duration handler = Duration.ofMillis(20);
            Result result =
                new SteadyTraffic(slots, Duration.ofMillis(way), handler)
                    .poisson(slots * load / 100.0 / 0.020)
                    .answers(answers)
                    .jitter(0.3)
                    .lasts(Duration.ofSeconds(10))
                    .run();
            print(load + " % of the slots, " + answers, way + " ms", slots, result);
          }
        }
      }
    }
  }
}

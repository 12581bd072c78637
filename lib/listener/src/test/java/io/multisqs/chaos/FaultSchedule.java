package io.multisqs.chaos;

import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;

/**
 * Which exchange meets which fault: a function of the seed, the action and the how-manieth of its
 * action the exchange is, so that the same seed breaks the same calls however threads interleave.
 */
final class FaultSchedule {
  private static final FaultKind[] ON_ORDER = {
    FaultKind.LATENCY,
    FaultKind.LATENCY,
    FaultKind.LATENCY,
    FaultKind.RESET_BEFORE,
    FaultKind.RESET_AFTER,
    FaultKind.EMPTY_ANSWER,
    FaultKind.GARBLED_ANSWER,
    FaultKind.HTTP_500,
    FaultKind.HTTP_503,
    FaultKind.THROTTLED,
    FaultKind.LATE_ANSWER
  };

  private final long seed;
  private final double rate;
  private final Predicate<String> meets;
  private final Map<String, AtomicLong> numbers = new ConcurrentHashMap<>();
  private volatile boolean calm = true;

  FaultSchedule(long seed, double rate) {
    this(seed, rate, action -> true);
  }

  /** A schedule that spares all but some actions. */
  FaultSchedule(long seed, double rate, Predicate<String> meets) {
    this.seed = seed;
    this.rate = rate;
    this.meets = meets;
  }

  /** One fault, and the chance to make its other choices by. */
  record Order(FaultKind kind, SplittableRandom chance) {}

  /** The fault of the next exchange of this action, if it meets one. */
  Optional<Order> next(String action) {
    if (calm || !meets.test(action)) {
      return Optional.empty();
    }
    long number = numbers.computeIfAbsent(action, a -> new AtomicLong()).incrementAndGet();
    SplittableRandom chance =
        new SplittableRandom(seed * 1_000_003 + action.hashCode() * 31L + number);
    if (chance.nextDouble() >= rate) {
      return Optional.empty();
    }
    return Optional.of(new Order(ON_ORDER[chance.nextInt(ON_ORDER.length)], chance));
  }

  /** Whether everything passes unharmed, as it does at first. */
  void calm(boolean calm) {
    this.calm = calm;
  }
}

package io.multisqs.testkit;

import io.multisqs.testkit.internal.SqsErrors;
import java.time.Duration;
import java.util.Arrays;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.exception.ApiCallTimeoutException;
import software.amazon.awssdk.core.exception.SdkClientException;

/**
 * Something that goes wrong with one call, to be ordered with {@link Faults}. Immutable.
 *
 * <p>Durations are on the clock of the {@link InMemorySqs}: with {@link VirtualTime} the caller
 * blocks until the clock has been advanced so far.
 */
public final class Fault {

  /** What a fault does to a call. */
  public enum Kind {
    /** The call has no effect and throws. */
    REFUSED,
    /** The call has its effect, yet throws. */
    ANSWER_LOST,
    /** The call has its effect at once and returns late. */
    ANSWER_LATE,
    /** The call succeeds, but chosen entries of its batch fail without effect. */
    ENTRIES_FAIL,
    /** A receive brings messages that are in flight already. */
    DELIVERED_AGAIN
  }

  private final Kind kind;
  private final Duration delay;
  private final @Nullable Supplier<? extends RuntimeException> exception;
  private final Set<Integer> positions;
  private final int count;

  private Fault(
      Kind kind,
      Duration delay,
      @Nullable Supplier<? extends RuntimeException> exception,
      Set<Integer> positions,
      int count) {
    if (delay.isNegative()) {
      throw new IllegalArgumentException("delay must be zero or more, was " + delay);
    }
    this.kind = kind;
    this.delay = delay;
    this.exception = exception;
    this.positions = positions;
    this.count = count;
  }

  /**
   * SQS refuses the call with {@code RequestThrottled}, without effect.
   *
   * @return the fault
   */
  public static Fault throttle() {
    return refuse(SqsErrors::throttled);
  }

  /**
   * SQS fails with HTTP status 500, without effect.
   *
   * @return the fault
   */
  public static Fault internalError() {
    return refuse(SqsErrors::internalError);
  }

  /**
   * The call reaches nobody: it has no effect and throws {@link ApiCallTimeoutException} at once.
   *
   * @return the fault
   */
  public static Fault timeout() {
    return timeout(Duration.ZERO);
  }

  /**
   * The call reaches nobody: it has no effect and throws {@link ApiCallTimeoutException} after a
   * while.
   *
   * @param after how long the caller waits for its exception
   * @return the fault
   */
  public static Fault timeout(Duration after) {
    return new Fault(
        Kind.REFUSED, after, () -> ApiCallTimeoutException.create(after.toMillis()), Set.of(), 0);
  }

  /**
   * The call has no effect and throws what the supplier makes.
   *
   * @param exception makes the exception, anew for each call
   * @return the fault
   */
  public static Fault refuse(Supplier<? extends RuntimeException> exception) {
    return new Fault(Kind.REFUSED, Duration.ZERO, exception, Set.of(), 0);
  }

  /**
   * The call has its effect, but the answer never comes: it throws {@link SdkClientException}.
   *
   * @return the fault
   */
  public static Fault lostResponse() {
    return lostResponse(Duration.ZERO);
  }

  /**
   * The call has its effect at once, but the answer never comes: it throws {@link
   * SdkClientException} after a while.
   *
   * @param after how long the caller waits for its exception
   * @return the fault
   */
  public static Fault lostResponse(Duration after) {
    return new Fault(
        Kind.ANSWER_LOST,
        after,
        () -> SdkClientException.create("Unable to execute HTTP request: Connection reset"),
        Set.of(),
        0);
  }

  /**
   * The call has its effect at once and returns after a while.
   *
   * @param after how long the answer is under way
   * @return the fault
   */
  public static Fault lateResponse(Duration after) {
    return new Fault(Kind.ANSWER_LATE, after, null, Set.of(), 0);
  }

  /**
   * Entries of a batch fail with {@code InternalError}, which is not the sender's fault; the rest
   * of the batch succeeds.
   *
   * @param positions which entries, counted from 0; none means all of them
   * @return the fault
   */
  public static Fault failEntries(int... positions) {
    return new Fault(
        Kind.ENTRIES_FAIL,
        Duration.ZERO,
        null,
        Arrays.stream(positions).boxed().collect(Collectors.toUnmodifiableSet()),
        0);
  }

  /**
   * A receive brings one message that is in flight already, with a new receipt handle and its
   * receive count raised, before any other.
   *
   * @return the fault
   */
  public static Fault duplicateDelivery() {
    return duplicateDelivery(1);
  }

  /**
   * A receive brings messages that are in flight already, the oldest first, before any other. It
   * strikes the first receive that finds its queue with a message in flight.
   *
   * @param count how many at most; 1 … 10
   * @return the fault
   * @throws IllegalArgumentException if the count is out of range
   */
  public static Fault duplicateDelivery(int count) {
    if (count < 1 || count > 10) {
      throw new IllegalArgumentException("duplicates must be 1…10, was " + count);
    }
    return new Fault(Kind.DELIVERED_AGAIN, Duration.ZERO, null, Set.of(), count);
  }

  /**
   * What the fault does.
   *
   * @return the kind of fault
   */
  public Kind kind() {
    return kind;
  }

  /**
   * How long the caller is kept waiting beyond what the call itself takes.
   *
   * @return zero or more
   */
  public Duration delay() {
    return delay;
  }

  /**
   * How many messages are delivered again.
   *
   * @return 1 … 10 for {@link Kind#DELIVERED_AGAIN}, else 0
   */
  public int count() {
    return count;
  }

  /**
   * Whether an entry of a batch fails.
   *
   * @param position the entry's place in the batch, counted from 0
   * @return true if the fault is to fail that entry
   */
  public boolean failsEntry(int position) {
    return kind == Kind.ENTRIES_FAIL && (positions.isEmpty() || positions.contains(position));
  }

  /**
   * Whether the fault can strike calls of an operation.
   *
   * @param operation the operation
   * @return false for failing entries elsewhere than in a batch, or duplicates elsewhere than in a
   *     receive
   */
  public boolean suits(Operation operation) {
    return switch (kind) {
      case ENTRIES_FAIL -> operation.isBatch();
      case DELIVERED_AGAIN -> operation == Operation.RECEIVE;
      default -> true;
    };
  }

  /**
   * A new exception to throw.
   *
   * @return the exception
   * @throws IllegalStateException if the fault throws none
   */
  public RuntimeException exception() {
    if (exception == null) {
      throw new IllegalStateException(kind + " throws nothing");
    }
    return exception.get();
  }

  @Override
  public String toString() {
    return kind + (delay.isZero() ? "" : " after " + delay);
  }
}

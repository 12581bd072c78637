package io.multisqs;

import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Thrown by a handler to say: not now, later. The message is always retried, whatever the queue's
 * {@link RetryPolicy} does with other exceptions.
 */
public class TransientException extends Exception {
  private static final long serialVersionUID = 1L;

  private final @Nullable Duration retryAfter;

  /**
   * Retried when the queue's policy says so, or with the default backoff if that would not retry.
   *
   * @param message the reason, for the log
   */
  public TransientException(String message) {
    this(message, null, null);
  }

  /**
   * As {@link #TransientException(String)}, with a cause.
   *
   * @param message the reason, for the log
   * @param cause what happened, or null
   */
  public TransientException(String message, @Nullable Throwable cause) {
    this(message, cause, null);
  }

  /**
   * Retried after a time of the handler's choice.
   *
   * @param message the reason, for the log
   * @param cause what happened, or null
   * @param retryAfter 0 s … 12 h, or null for the policy's own delay
   */
  public TransientException(
      String message, @Nullable Throwable cause, @Nullable Duration retryAfter) {
    super(message, cause);
    if (retryAfter != null) {
      Check.between("retryAfter", retryAfter, Duration.ZERO, RetryPolicy.MAX_DELAY);
    }
    this.retryAfter = retryAfter;
  }

  /**
   * When to try again.
   *
   * @return the handler's choice, or empty for the policy's own delay
   */
  public Optional<Duration> retryAfter() {
    return Optional.ofNullable(retryAfter);
  }
}

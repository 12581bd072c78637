package io.multisqs;

import java.time.Duration;

/**
 * How handled messages are deleted: in batches of up to ten, or each at once.
 *
 * @param batchSize messages in one call: 1 … 10
 * @param linger how long a handled message waits for others before its delete goes out: 0 ms … 10 s
 */
public record Deletes(int batchSize, Duration linger) {
  /** Long enough to fill batches at load, short beside any visibility timeout: 100 ms. */
  public static final Duration DEFAULT_LINGER = Duration.ofMillis(100);

  /** Batches of ten within {@link #DEFAULT_LINGER}: a tenth of the bill. */
  public static final Deletes DEFAULT = new Deletes(10, DEFAULT_LINGER);

  /** Refuses numbers out of range. */
  public Deletes {
    Check.between("delete batch size", batchSize, 1, 10);
    Check.between("delete linger", linger, Duration.ZERO, Duration.ofSeconds(10));
  }

  /**
   * Batches of up to ten.
   *
   * @param linger the longest wait for a batch to fill: 0 ms … 10 s
   * @return the setting
   */
  public static Deletes batched(Duration linger) {
    return new Deletes(10, linger);
  }

  /**
   * One call for each message, as soon as it was handled.
   *
   * @return the setting
   */
  public static Deletes immediate() {
    return new Deletes(1, Duration.ZERO);
  }
}

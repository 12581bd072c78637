package io.multisqs.internal;

import java.time.Duration;

/**
 * The effects of what the {@link Board} decides under its lock. The board calls each after the
 * unlock, so an effect may make calls to SQS and tell users.
 */
interface Effects {
  /** Starts another poller thread for a queue. May throw: then the thread is not counted. */
  void startPoller(Lane lane);

  /** Gives a message back to SQS, visible at once. */
  void release(Delivery delivery, String reason);

  /** Reports that a message may be with another consumer, whether it waits here or runs. */
  void leaseLost(Delivery delivery, boolean running, String why);

  /** Reports the slot time that stood idle in a hold that has ended. */
  void lowerWorkHeld(Duration slotTime);

  /** Has the leases looked at: the machine proved to have stood still. */
  void stoodStill();

  /** Reports that choosing a message failed. */
  void choiceFailed(Throwable failure);
}

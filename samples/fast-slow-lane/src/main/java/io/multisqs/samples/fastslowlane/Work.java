package io.multisqs.samples.fastslowlane;

import io.multisqs.ReceivedMessage;
import java.time.Duration;

/** What a job does: it takes its time. A test puts something in its place. */
@FunctionalInterface
interface Work {
  Work SLEEP = (message, time) -> Thread.sleep(time.toMillis());

  void run(ReceivedMessage message, Duration time) throws InterruptedException;
}

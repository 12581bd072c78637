package io.multisqs.broadcast;

import io.multisqs.ListenerClock;
import java.time.Duration;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;
import software.amazon.awssdk.services.sqs.model.QueueDoesNotExistException;

/** Waits until a listener has worked a queue off that nothing is sent to any more. */
final class Drain {
  private static final Logger log = LoggerFactory.getLogger("io.multisqs.Broadcast");
  private static final Duration LOOK = Duration.ofMillis(200);

  /** SNS delivers within moments, and what SQS counts lags: one look at an empty queue is none. */
  private static final int EMPTY_LOOKS = 3;

  private final SqsClient sqs;
  private final String url;
  private final String name;
  private final ListenerClock clock;
  private final Duration emptyFor;
  private boolean told;

  Drain(SqsClient sqs, String url, String name, BroadcastOptions options) {
    this.sqs = sqs;
    this.url = url;
    this.name = name;
    this.clock = options.clock();
    this.emptyFor = options.emptyFor();
  }

  /** Waits, for so long at most, as long as the listener is running. */
  void await(BooleanSupplier running, Duration longest) throws InterruptedException {
    Pauses looks = new Pauses(clock);
    long end = clock.nanoTime() + longest.toNanos();
    long emptySince = clock.nanoTime();
    int empty = 0;
    try {
      while (running.getAsBoolean()) {
        if (isEmpty()) {
          empty++;
        } else {
          empty = 0;
          emptySince = clock.nanoTime();
        }
        if (empty >= EMPTY_LOOKS && clock.nanoTime() - emptySince >= emptyFor.toNanos()) {
          return;
        }
        if (clock.nanoTime() - end >= 0) {
          log.warn(
              "queue {} was not found empty for {} within {}",
              name,
              Rules.text(emptyFor),
              Rules.text(longest));
          return;
        }
        boolean unused = looks.pause(LOOK);
      }
    } catch (QueueDoesNotExistException e) {
      log.debug("queue {} is gone: nothing to work off", name);
    }
  }

  private boolean isEmpty() {
    try {
      Map<QueueAttributeName, String> counts =
          sqs.getQueueAttributes(
                  r ->
                      r.queueUrl(url)
                          .attributeNames(
                              QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES,
                              QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES_NOT_VISIBLE,
                              QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES_DELAYED))
              .attributes();
      return counts.values().stream().allMatch("0"::equals);
    } catch (QueueDoesNotExistException e) {
      throw e;
    } catch (SdkException e) {
      // What is not known to be empty is not: it may go on until the time is over.
      if (!told) {
        told = true;
        log.warn("what is left in queue {} could not be counted, and is looked at again", name, e);
      }
      return false;
    }
  }
}

package io.multisqs.broadcast;

import io.multisqs.ListenerClock;
import io.multisqs.broadcast.SweepResult.Outcome;
import io.multisqs.broadcast.SweepResult.SweptQueue;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.exception.SdkServiceException;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;
import software.amazon.awssdk.services.sqs.model.QueueDoesNotExistException;

/** One sweep over the queues of a prefix. */
final class Sweep {
  private static final Logger log = LoggerFactory.getLogger("io.multisqs.Broadcast");

  /** SQS gives no token to go on with unless a page size is asked for; this is the largest. */
  private static final int PAGE = 1000;

  /** Between two queues: 10 a second leave most of the 30 tag calls of an account to renewals. */
  private static final Duration PACE = Duration.ofMillis(100);

  private final String prefix;
  private final Duration olderThan;
  private final SqsClient sqs;
  private final TopicSubscriptions subscriptions;
  private final boolean dry;
  private final SqsTime time;
  private final Pauses pauses;
  private final Map<String, Map<String, List<String>>> byTopic = new HashMap<>();

  Sweep(
      String prefix,
      Duration olderThan,
      SqsClient sqs,
      TopicSubscriptions subscriptions,
      boolean dry,
      ListenerClock clock) {
    this.prefix = prefix;
    this.olderThan = olderThan;
    this.sqs = sqs;
    this.subscriptions = subscriptions;
    this.dry = dry;
    this.time = new SqsTime(clock::instant);
    this.pauses = new Pauses(clock);
  }

  SweepResult run() {
    List<String> urls = new ArrayList<>();
    sqs.listQueuesPaginator(r -> r.queueNamePrefix(prefix + "-").maxResults(PAGE))
        .forEach(page -> urls.addAll(time.saw(page).queueUrls()));
    // In another order each time: one that is cut short must not leave out the same queues always.
    Collections.shuffle(urls);
    List<SweptQueue> queues = new ArrayList<>();
    String cutShort = "";
    for (String url : urls) {
      if (cutShort.isEmpty() && !queues.isEmpty() && !paced()) {
        cutShort = "the sweep was interrupted";
      }
      if (!cutShort.isEmpty()) {
        queues.add(new SweptQueue(name(url), Outcome.KEPT, "not looked at, as " + cutShort));
        continue;
      }
      try {
        queues.add(sweep(url));
      } catch (SdkException e) {
        queues.add(new SweptQueue(name(url), Outcome.FAILED, String.valueOf(e.getMessage())));
        if (e instanceof SdkServiceException refusal && refusal.isThrottlingException()) {
          cutShort = "SQS or SNS throttles, and those who live come first";
        }
      }
    }
    queues.sort(Comparator.comparing(SweptQueue::name));
    SweepResult result = new SweepResult(dry, queues);
    log.info("{}", result);
    return result;
  }

  private boolean paced() {
    try {
      return pauses.pause(PACE);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private static String name(String url) {
    return url.substring(url.lastIndexOf('/') + 1);
  }

  private SweptQueue sweep(String url) {
    try {
      OwnerTags tags = tags(url);
      if (tags == null) {
        return kept(url, "not made for broadcasts with this prefix");
      }
      if (tags.leaseUntil().isEmpty()) {
        return kept(url, "its lease is not readable");
      }
      Instant end = tags.leaseUntil().get();
      if (time.earlier().isBefore(end.plus(olderThan))) {
        return kept(url, "leased until " + end);
      }
      return remove(url, tags, "lease ran out at " + end);
    } catch (QueueDoesNotExistException e) {
      return new SweptQueue(name(url), Outcome.GONE, "removed by its owner or by another sweep");
    }
  }

  private SweptQueue remove(String url, OwnerTags tags, String why) {
    String inFlight = inFlight(url);
    if (!inFlight.equals("0")) {
      return kept(url, why + ", but " + inFlight + " messages are in flight");
    }
    List<String> ended = subscriptionsOf(url, tags);
    String done = why + (ended.isEmpty() ? "" : ", subscriptions " + ended.size());
    if (!dry) {
      // Said first and looked at then: a restarted instance that is taking the queue over either
      // is seen here, or sees this, and waits for what comes of it.
      sqs.tagQueue(r -> r.queueUrl(url).tags(Map.of(OwnerTags.SWEPT_AT, time.ofSqs().toString())));
      inFlight = inFlight(url);
      OwnerTags now = tags(url);
      if (now == null || !now.sameLease(tags)) {
        return kept(url, "was taken over just now");
      }
      if (!inFlight.equals("0")) {
        return kept(url, why + ", but " + inFlight + " messages are in flight");
      }
      ended.forEach(subscriptions::end);
      sqs.deleteQueue(r -> r.queueUrl(url));
    }
    return new SweptQueue(name(url), Outcome.REMOVED, done);
  }

  private static SweptQueue kept(String url, String why) {
    return new SweptQueue(name(url), Outcome.KEPT, why);
  }

  private @Nullable OwnerTags tags(String url) {
    return OwnerTags.of(time.saw(sqs.listQueueTags(r -> r.queueUrl(url))).tags())
        .filter(t -> t.prefix().equals(prefix))
        .orElse(null);
  }

  private String inFlight(String url) {
    QueueAttributeName count = QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES_NOT_VISIBLE;
    return sqs.getQueueAttributes(r -> r.queueUrl(url).attributeNames(count))
        .attributes()
        .getOrDefault(count, "0");
  }

  /** Listed once a topic and sweep, as a topic may have many. */
  private List<String> subscriptionsOf(String url, OwnerTags tags) {
    String arn =
        sqs.getQueueAttributes(r -> r.queueUrl(url).attributeNames(QueueAttributeName.QUEUE_ARN))
            .attributes()
            .getOrDefault(QueueAttributeName.QUEUE_ARN, "");
    return tags.topics().stream()
        .flatMap(
            topic ->
                byTopic
                    .computeIfAbsent(topic, subscriptions::byQueue)
                    .getOrDefault(arn, List.of())
                    .stream())
        .toList();
  }
}

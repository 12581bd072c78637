package io.multisqs.broadcast;

import io.multisqs.broadcast.SweepResult.Outcome;
import io.multisqs.broadcast.SweepResult.SweptQueue;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;
import software.amazon.awssdk.services.sqs.model.QueueDoesNotExistException;

/** One sweep over the queues of a prefix. */
final class Sweep {
  private static final Logger log = LoggerFactory.getLogger("io.multisqs.Broadcast");

  /** SQS gives no token to go on with unless a page size is asked for; this is the largest. */
  private static final int PAGE = 1000;

  private final String prefix;
  private final Duration olderThan;
  private final SqsClient sqs;
  private final TopicSubscriptions subscriptions;
  private final boolean dry;
  private final InstantSource clock;
  private final Map<String, Map<String, List<String>>> byTopic = new HashMap<>();

  Sweep(
      String prefix,
      Duration olderThan,
      SqsClient sqs,
      TopicSubscriptions subscriptions,
      boolean dry,
      InstantSource clock) {
    this.prefix = prefix;
    this.olderThan = olderThan;
    this.sqs = sqs;
    this.subscriptions = subscriptions;
    this.dry = dry;
    this.clock = clock;
  }

  SweepResult run() {
    List<SweptQueue> queues = new ArrayList<>();
    sqs.listQueuesPaginator(r -> r.queueNamePrefix(prefix + "-").maxResults(PAGE))
        .queueUrls()
        .forEach(url -> queues.add(sweep(url)));
    SweepResult result = new SweepResult(dry, queues);
    log.info("{}", result);
    return result;
  }

  private SweptQueue sweep(String url) {
    String name = url.substring(url.lastIndexOf('/') + 1);
    try {
      OwnerTags tags = tags(url);
      if (tags == null) {
        return new SweptQueue(name, Outcome.KEPT, "not made for broadcasts with this prefix");
      }
      Optional<String> inUse = inUse(tags, url);
      if (inUse.isPresent()) {
        return new SweptQueue(name, Outcome.KEPT, inUse.get());
      }
      return new SweptQueue(
          name,
          Outcome.REMOVED,
          "lease ran out at " + tags.leaseUntil().orElseThrow() + remove(url, tags));
    } catch (TakenOver e) {
      return new SweptQueue(name, Outcome.KEPT, "was taken over just now");
    } catch (QueueDoesNotExistException e) {
      return new SweptQueue(name, Outcome.GONE, "removed by its owner or by another sweep");
    } catch (SdkException e) {
      return new SweptQueue(name, Outcome.FAILED, String.valueOf(e.getMessage()));
    }
  }

  private @Nullable OwnerTags tags(String url) {
    return OwnerTags.of(sqs.listQueueTags(r -> r.queueUrl(url)).tags())
        .filter(t -> t.prefix().equals(prefix))
        .orElse(null);
  }

  /** Why the queue must stay, or empty. */
  private Optional<String> inUse(OwnerTags tags, String url) {
    if (tags.leaseUntil().isEmpty()) {
      return Optional.of("its lease is not readable");
    }
    Instant end = tags.leaseUntil().get();
    if (clock.instant().isBefore(end.plus(olderThan))) {
      return Optional.of("leased until " + end);
    }
    String inFlight =
        sqs.getQueueAttributes(
                r ->
                    r.queueUrl(url)
                        .attributeNames(
                            QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES_NOT_VISIBLE))
            .attributes()
            .getOrDefault(QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES_NOT_VISIBLE, "0");
    return inFlight.equals("0")
        ? Optional.empty()
        : Optional.of("lease ran out at " + end + ", but " + inFlight + " messages are in flight");
  }

  private String remove(String url, OwnerTags tags) {
    List<String> ended = subscriptionsOf(url, tags);
    String and = ended.isEmpty() ? "" : ", subscriptions " + ended.size();
    if (dry) {
      return and;
    }
    // Looked at once more at the last moment: a restarted instance may just be taking it over. What
    // slips through in between its owner finds at its next renewal, and brings back.
    OwnerTags now = tags(url);
    if (now == null || !now.equals(tags)) {
      throw new TakenOver();
    }
    ended.forEach(subscriptions::end);
    sqs.deleteQueue(r -> r.queueUrl(url));
    return and;
  }

  /** Listed once a topic and sweep, as a topic may have many. */
  private List<String> subscriptionsOf(String url, OwnerTags tags) {
    if (tags.topicArn().isEmpty()) {
      return List.of();
    }
    String arn =
        sqs.getQueueAttributes(r -> r.queueUrl(url).attributeNames(QueueAttributeName.QUEUE_ARN))
            .attributes()
            .getOrDefault(QueueAttributeName.QUEUE_ARN, "");
    return byTopic
        .computeIfAbsent(tags.topicArn(), subscriptions::byQueue)
        .getOrDefault(arn, List.of());
  }

  /** The queue is another's by now. */
  private static final class TakenOver extends RuntimeException {
    private static final long serialVersionUID = 1L;

    TakenOver() {
      super(null, null, false, false);
    }
  }
}

package io.multisqs.broadcast;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.protocols.jsoncore.JsonNode;
import software.amazon.awssdk.protocols.jsoncore.JsonNodeParser;
import software.amazon.awssdk.services.sns.SnsClient;
import software.amazon.awssdk.services.sns.model.InvalidParameterException;
import software.amazon.awssdk.services.sns.model.NotFoundException;

/** Subscribes queues to a topic, finds their subscriptions, and ends them. */
final class TopicSubscriptions {
  private static final Logger log = LoggerFactory.getLogger("io.multisqs.Broadcast");
  private static final String RAW = "RawMessageDelivery";
  private static final String FILTER = "FilterPolicy";
  private static final String SCOPE = "FilterPolicyScope";
  private static final String BY_ATTRIBUTES = "MessageAttributes";

  /** How SNS wants it written that a filter policy is taken away. */
  private static final String NO_FILTER = "{}";

  private final SnsClient sns;

  TopicSubscriptions(SnsClient sns) {
    this.sns = sns;
  }

  /**
   * A subscription as it stands now.
   *
   * @param arn its ARN
   * @param repairs what was not as it should be, and is now
   */
  record Subscribed(String arn, List<String> repairs) {}

  Subscribed subscribe(String topicArn, String queueArn, BroadcastOptions options) {
    Map<String, String> wanted = new LinkedHashMap<>();
    wanted.put(RAW, String.valueOf(options.rawDelivery()));
    options.filterPolicy().ifPresent(json -> wanted.put(FILTER, json));
    String arn;
    try {
      arn =
          sns.subscribe(
                  r ->
                      r.topicArn(topicArn)
                          .protocol("sqs")
                          .endpoint(queueArn)
                          .attributes(wanted)
                          .returnSubscriptionArn(true))
              .subscriptionArn();
    } catch (InvalidParameterException e) {
      // What SNS says of a subscription that stands already with other attributes; and of more.
      List<String> standing = find(topicArn, queueArn);
      if (standing.isEmpty()) {
        throw e;
      }
      arn = standing.get(0);
    }
    return new Subscribed(arn, repaired(arn, wanted));
  }

  private List<String> repaired(String arn, Map<String, String> wanted) {
    Map<String, String> now = attributes(arn);
    if ("true".equals(now.get("PendingConfirmation"))) {
      throw new IllegalStateException(
          "subscription "
              + arn
              + " awaits a confirmation that nobody will give: subscribe with the credentials of"
              + " the queue's account");
    }
    List<String> repairs = new ArrayList<>();
    if (wanted.containsKey(FILTER)) {
      // Before the filter, which would be checked by the other scope's rules.
      repair(arn, SCOPE, now.getOrDefault(SCOPE, BY_ATTRIBUTES), BY_ATTRIBUTES, repairs);
    }
    repair(arn, RAW, now.getOrDefault(RAW, "false"), wanted.getOrDefault(RAW, "false"), repairs);
    repair(
        arn,
        FILTER,
        now.getOrDefault(FILTER, NO_FILTER),
        wanted.getOrDefault(FILTER, NO_FILTER),
        repairs);
    if (!repairs.isEmpty()) {
      log.warn("subscription {} was not as configured, and is now: {}", arn, repairs);
    }
    return repairs;
  }

  private void repair(String arn, String name, String is, String should, List<String> repairs) {
    if (!sameJson(is, should)) {
      sns.setSubscriptionAttributes(
          r -> r.subscriptionArn(arn).attributeName(name).attributeValue(should));
      repairs.add(name + " was " + is + ", is " + should);
    }
  }

  /** SNS may give JSON back with other blanks, and in another order, than it got. */
  private static boolean sameJson(String one, String other) {
    if (one.equals(other)) {
      return true;
    }
    try {
      JsonNodeParser parser = JsonNode.parser();
      return parser.parse(one).equals(parser.parse(other));
    } catch (RuntimeException e) {
      return false; // not JSON: a word that differs
    }
  }

  private Map<String, String> attributes(String arn) {
    return sns.getSubscriptionAttributes(r -> r.subscriptionArn(arn)).attributes();
  }

  boolean stands(String arn) {
    try {
      attributes(arn);
      return true;
    } catch (NotFoundException e) {
      return false;
    }
  }

  /** The ARNs of a queue's subscriptions to a topic; none if the topic is gone. */
  List<String> find(String topicArn, String queueArn) {
    return byQueue(topicArn).getOrDefault(queueArn, List.of());
  }

  /** The ARNs of all subscriptions to a topic, by the queue that they deliver to. */
  Map<String, List<String>> byQueue(String topicArn) {
    Map<String, List<String>> byQueue = new LinkedHashMap<>();
    try {
      sns.listSubscriptionsByTopicPaginator(r -> r.topicArn(topicArn)).subscriptions().stream()
          // A pending one has no ARN, only a word.
          .filter(s -> s.protocol().equals("sqs") && s.subscriptionArn().startsWith("arn:"))
          .forEach(
              s ->
                  byQueue
                      .computeIfAbsent(s.endpoint(), any -> new ArrayList<>())
                      .add(s.subscriptionArn()));
    } catch (NotFoundException e) {
      log.debug("topic {} is gone, and its subscriptions with it", topicArn);
    }
    return byQueue;
  }

  /** Ends a subscription; one that is not there has ended already. */
  void end(String arn) {
    try {
      sns.unsubscribe(r -> r.subscriptionArn(arn));
    } catch (NotFoundException e) {
      log.debug("subscription {} had ended already", arn);
    }
  }
}

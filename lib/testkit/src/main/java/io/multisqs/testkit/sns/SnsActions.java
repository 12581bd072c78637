package io.multisqs.testkit.sns;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** SNS's actions: what each takes from its request and gives as its answer. */
final class SnsActions {
  private static final int PAGE = 100;

  private final Topics topics;

  SnsActions(Topics topics) {
    this.topics = topics;
  }

  /** Runs the action that the request names. */
  String run(QueryForm query, String requestId) {
    String action = query.need("Action");
    String result =
        switch (action) {
          case "CreateTopic" -> createTopic(query);
          case "DeleteTopic" -> deleteTopic(query);
          case "GetTopicAttributes" -> topicAttributes(query);
          case "ListTopics" -> listTopics(query);
          case "Subscribe" -> subscribe(query);
          case "Unsubscribe" -> unsubscribe(query);
          case "GetSubscriptionAttributes" -> subscriptionAttributes(query);
          case "SetSubscriptionAttributes" -> setSubscriptionAttribute(query);
          case "ListSubscriptions" -> list(query, topics.subscriptions());
          case "ListSubscriptionsByTopic" ->
              list(query, topics.topic(query.need("TopicArn")).subscriptions());
          case "Publish" -> publish(query);
          case "PublishBatch" -> publishBatch(query);
          default -> throw SnsRefusal.of("InvalidAction", "the local SNS has no " + action);
        };
    return Xml.document(
        action + "Response",
        Xml.element(action + "Result", result)
            + Xml.element("ResponseMetadata", Xml.text("RequestId", requestId)));
  }

  private String createTopic(QueryForm query) {
    Map<String, String> attributes = query.map("Attributes", "key", "value");
    return Xml.text("TopicArn", topics.create(query.need("Name"), attributes).arn());
  }

  private String deleteTopic(QueryForm query) {
    topics.delete(query.need("TopicArn"));
    return "";
  }

  private String topicAttributes(QueryForm query) {
    return Xml.map("Attributes", topics.topic(query.need("TopicArn")).attributes());
  }

  private String listTopics(QueryForm query) {
    StringBuilder members = new StringBuilder();
    for (Topic topic : page(query, topics.all())) {
      members.append(Xml.element("member", Xml.text("TopicArn", topic.arn())));
    }
    return Xml.element("Topics", members.toString()) + nextToken(query, topics.all().size());
  }

  private String subscribe(QueryForm query) {
    String protocol = query.need("Protocol");
    if (!protocol.equals("sqs")) {
      throw SnsRefusal.invalid("the local SNS delivers to sqs alone, not to " + protocol);
    }
    Topic topic = topics.topic(query.need("TopicArn"));
    Map<String, String> attributes = query.map("Attributes", "key", "value");
    return Xml.text("SubscriptionArn", topic.subscribe(query.need("Endpoint"), attributes).arn());
  }

  private String unsubscribe(QueryForm query) {
    topics.unsubscribe(query.need("SubscriptionArn"));
    return "";
  }

  private String subscriptionAttributes(QueryForm query) {
    Subscription subscription = topics.subscription(query.need("SubscriptionArn"));
    return Xml.map("Attributes", subscription.attributes());
  }

  private String setSubscriptionAttribute(QueryForm query) {
    topics
        .subscription(query.need("SubscriptionArn"))
        .set(query.need("AttributeName"), query.fields().getOrDefault("AttributeValue", ""));
    return "";
  }

  private String list(QueryForm query, List<Subscription> subscriptions) {
    StringBuilder members = new StringBuilder();
    for (Subscription s : page(query, subscriptions)) {
      members.append(
          Xml.element(
              "member",
              Xml.text("SubscriptionArn", s.arn())
                  + Xml.text("Owner", s.owner())
                  + Xml.text("Protocol", "sqs")
                  + Xml.text("Endpoint", s.endpoint())
                  + Xml.text("TopicArn", s.topicArn())));
    }
    return Xml.element("Subscriptions", members.toString())
        + nextToken(query, subscriptions.size());
  }

  private static <T> List<T> page(QueryForm query, List<T> all) {
    int from = Math.min(start(query), all.size());
    return all.subList(from, Math.min(from + PAGE, all.size()));
  }

  private static String nextToken(QueryForm query, int size) {
    int next = start(query) + PAGE;
    return next < size ? Xml.text("NextToken", String.valueOf(next)) : "";
  }

  private static int start(QueryForm query) {
    try {
      return query.get("NextToken").map(Integer::parseInt).orElse(0);
    } catch (NumberFormatException e) {
      throw SnsRefusal.invalid("NextToken");
    }
  }

  private String publish(QueryForm query) {
    Topic topic = topics.topic(query.get("TopicArn").orElseGet(() -> query.need("TargetArn")));
    return ids(topic.publish(Publication.of(query)));
  }

  private String publishBatch(QueryForm query) {
    Topic topic = topics.topic(query.need("TopicArn"));
    List<QueryForm> entries = query.list("PublishBatchRequestEntries.member");
    if (entries.isEmpty()) {
      throw SnsRefusal.of("EmptyBatchRequest", "The batch request doesn't contain any entries.");
    }
    if (entries.size() > 10) {
      throw SnsRefusal.of(
          "TooManyEntriesInBatchRequest", "The batch request contains more entries than 10.");
    }
    Set<String> ids = new HashSet<>();
    for (QueryForm entry : entries) {
      if (!ids.add(entry.need("Id"))) {
        throw SnsRefusal.of(
            "BatchEntryIdsNotDistinct", "Two or more batch entries have the same Id.");
      }
    }
    StringBuilder successful = new StringBuilder();
    StringBuilder failed = new StringBuilder();
    Map<String, Publication> publications = new LinkedHashMap<>();
    for (QueryForm entry : entries) {
      try {
        publications.put(entry.need("Id"), topic.checked(Publication.of(entry)));
      } catch (SnsRefusal refusal) {
        failed.append(
            Xml.element(
                "member",
                Xml.text("Id", entry.need("Id"))
                    + Xml.text("Code", refusal.code)
                    + Xml.text("Message", refusal.text)
                    + Xml.text("SenderFault", "true")));
      }
    }
    List<Topic.Published> published = topic.publish(new ArrayList<>(publications.values()));
    int n = 0;
    for (String id : publications.keySet()) {
      successful.append(Xml.element("member", Xml.text("Id", id) + ids(published.get(n++))));
    }
    return Xml.element("Successful", successful.toString())
        + Xml.element("Failed", failed.toString());
  }

  private static String ids(Topic.Published published) {
    return Xml.text("MessageId", published.messageId())
        + published.sequenceNumber().map(s -> Xml.text("SequenceNumber", s)).orElse("");
  }
}

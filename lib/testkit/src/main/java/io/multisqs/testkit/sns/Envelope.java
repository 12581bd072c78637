package io.multisqs.testkit.sns;

import io.multisqs.testkit.sns.Publication.Attribute;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/** The JSON that SNS wraps a message in where raw delivery is off. Its signature is none. */
final class Envelope {
  private Envelope() {}

  static String json(Deliveries.Message message, Subscription subscription) {
    Publication publication = message.publication();
    Map<String, String> fields = new LinkedHashMap<>();
    fields.put("Type", "Notification");
    fields.put("MessageId", message.published().messageId());
    message.published().sequenceNumber().ifPresent(s -> fields.put("SequenceNumber", s));
    fields.put("TopicArn", subscription.topicArn());
    publication.subject().ifPresent(s -> fields.put("Subject", s));
    fields.put("Message", publication.message());
    fields.put("Timestamp", Instant.now().truncatedTo(ChronoUnit.MILLIS).toString());
    fields.put("SignatureVersion", "1");
    fields.put("Signature", "none");
    fields.put("SigningCertURL", "none");
    fields.put("UnsubscribeURL", "none?SubscriptionArn=" + subscription.arn());
    StringBuilder json = new StringBuilder("{");
    fields.forEach((name, value) -> field(json, name, value).append(','));
    if (publication.attributes().isEmpty()) {
      json.setLength(json.length() - 1);
    } else {
      attributes(json, publication.attributes());
    }
    return json.append('}').toString();
  }

  private static void attributes(StringBuilder json, Map<String, Attribute> attributes) {
    json.append("\"MessageAttributes\":{");
    for (Iterator<Map.Entry<String, Attribute>> i = attributes.entrySet().iterator();
        i.hasNext(); ) {
      Map.Entry<String, Attribute> next = i.next();
      string(json, next.getKey()).append(":{");
      field(json, "Type", next.getValue().type()).append(',');
      field(json, "Value", next.getValue().value()).append(i.hasNext() ? "}," : "}");
    }
    json.append('}');
  }

  private static StringBuilder field(StringBuilder json, String name, String value) {
    return string(string(json, name).append(':'), value);
  }

  private static StringBuilder string(StringBuilder json, String text) {
    json.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        json.append('\\').append(c);
      } else if (c < 0x20) {
        json.append(String.format("\\u%04x", (int) c));
      } else {
        json.append(c);
      }
    }
    return json.append('"');
  }
}

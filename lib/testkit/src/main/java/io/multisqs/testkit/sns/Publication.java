package io.multisqs.testkit.sns;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What a publisher hands in.
 *
 * @param message the body
 * @param subject the subject, if any
 * @param attributes message attributes by name, each with its type and value
 * @param groupId the message group, if any
 * @param deduplicationId the deduplication id, if any
 */
record Publication(
    String message,
    Optional<String> subject,
    Map<String, Attribute> attributes,
    Optional<String> groupId,
    Optional<String> deduplicationId) {

  /**
   * A message attribute.
   *
   * @param type {@code String}, {@code Number}, {@code Binary} or {@code String.Array}
   * @param value the value, in base 64 for {@code Binary}
   */
  record Attribute(String type, String value) {
    boolean isBinary() {
      return type.startsWith("Binary");
    }
  }

  static Publication of(QueryForm form) {
    Map<String, Attribute> attributes = new LinkedHashMap<>();
    for (QueryForm entry : form.list("MessageAttributes.entry")) {
      String type = entry.need("Value.DataType");
      String value =
          entry
              .get(type.startsWith("Binary") ? "Value.BinaryValue" : "Value.StringValue")
              .orElseThrow(
                  () ->
                      SnsRefusal.of(
                          "ParameterValueInvalid",
                          "The message attribute " + entry.need("Name") + " has no value"));
      attributes.put(entry.need("Name"), new Attribute(type, value));
    }
    return new Publication(
        form.need("Message"),
        form.get("Subject"),
        attributes,
        form.get("MessageGroupId"),
        form.get("MessageDeduplicationId"));
  }

  Publication withDeduplicationId(String id) {
    return new Publication(message, subject, attributes, groupId, Optional.of(id));
  }

  int bytes() {
    return message.getBytes(StandardCharsets.UTF_8).length;
  }
}

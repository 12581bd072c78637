package io.multisqs.testkit.internal;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.sqs.model.MessageAttributeValue;

/** SQS's limits, and the checks of what a request may hold. */
public final class Limits {

  static final int BATCH_ENTRIES = 10;
  static final int BATCH_BYTES = 1024 * 1024;
  static final int IN_FLIGHT = 120_000;
  static final int MESSAGE_ATTRIBUTES = 10;
  static final int RECEIVE_MESSAGES = 10;
  static final int DELAY_SECONDS = 900;
  static final int WAIT_SECONDS = 20;
  static final int VISIBILITY_SECONDS = 43_200;
  static final long VISIBILITY_NANOS = TimeUnit.SECONDS.toNanos(VISIBILITY_SECONDS);
  static final long DEDUPLICATION_NANOS = TimeUnit.MINUTES.toNanos(5);
  static final long ATTEMPT_NANOS = TimeUnit.MINUTES.toNanos(5);
  static final long RECREATE_NANOS = TimeUnit.SECONDS.toNanos(60);
  static final long PURGE_NANOS = TimeUnit.SECONDS.toNanos(60);

  private static final Pattern ENTRY_ID = Pattern.compile("[A-Za-z0-9_-]{1,80}");
  private static final Pattern QUEUE_NAME = Pattern.compile("[A-Za-z0-9_-]{1,80}");
  private static final Pattern FIFO_NAME = Pattern.compile("[A-Za-z0-9_-]{1,75}\\.fifo");
  private static final Pattern TOKEN = Pattern.compile("[\\p{Alnum}\\p{Punct}]{1,128}");

  private Limits() {}

  /** The value, or the fallback if there is none. */
  static int within(String parameter, @Nullable Integer value, int least, int most, int fallback) {
    if (value == null) {
      return fallback;
    }
    if (value < least || value > most) {
      throw SqsErrors.invalidParameter(
          "Value %d for parameter %s is invalid. Reason: Must be between %d and %d, if provided."
              .formatted(value, parameter, least, most));
    }
    return value;
  }

  static void checkBatch(List<String> ids) {
    if (ids.isEmpty()) {
      throw SqsErrors.emptyBatch();
    }
    if (ids.size() > BATCH_ENTRIES) {
      throw SqsErrors.tooManyEntries(ids.size(), BATCH_ENTRIES);
    }
    Set<String> seen = new HashSet<>();
    for (String id : ids) {
      if (id == null || !ENTRY_ID.matcher(id).matches()) {
        throw SqsErrors.invalidEntryId();
      }
      if (!seen.add(id)) {
        throw SqsErrors.idsNotDistinct(id);
      }
    }
  }

  static void checkQueueName(String name, boolean fifo) {
    if (!(fifo ? FIFO_NAME : QUEUE_NAME).matcher(name).matches()) {
      throw SqsErrors.invalidParameter(
          fifo
              ? "The name of a FIFO queue can only include alphanumeric characters, hyphens, or"
                  + " underscores, must end with .fifo suffix and be 1 to 80 in length."
              : "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in"
                  + " length.");
    }
  }

  static void checkToken(String parameter, @Nullable String value) {
    if (value != null && !TOKEN.matcher(value).matches()) {
      throw SqsErrors.invalidParameter(
          "Value %s for parameter %s is invalid. Reason: %s can only include alphanumeric and"
                  .formatted(value, parameter, parameter)
              + " punctuation characters. 1 to 128 in length.");
    }
  }

  static void checkMessage(
      @Nullable String body, Map<String, MessageAttributeValue> attributes, int maxBytes) {
    if (body == null || body.isEmpty()) {
      throw SqsErrors.missingParameter("MessageBody");
    }
    if (!body.codePoints().allMatch(Limits::isTaken)) {
      throw SqsErrors.invalidMessageContents();
    }
    if (attributes.size() > MESSAGE_ATTRIBUTES) {
      throw SqsErrors.invalidParameter(
          "Number of message attributes [%d] exceeds the allowed maximum [%d]."
              .formatted(attributes.size(), MESSAGE_ATTRIBUTES));
    }
    attributes.forEach(Limits::checkAttribute);
    if (bytes(body, attributes) > maxBytes) {
      throw SqsErrors.invalidParameter(
          "One or more parameters are invalid. Reason: Message must be shorter than "
              + maxBytes
              + " bytes.");
    }
  }

  private static void checkAttribute(String name, MessageAttributeValue value) {
    String type = value.dataType();
    if (type == null || !type.matches("(String|Number|Binary)(\\..+)?")) {
      throw SqsErrors.invalidParameter(
          "The type of message (user) attribute '" + name + "' is invalid.");
    }
    boolean binary = type.startsWith("Binary");
    SdkBytes bytes = value.binaryValue();
    String string = value.stringValue();
    boolean empty =
        binary
            ? bytes == null || bytes.asByteArrayUnsafe().length == 0
            : string == null || string.isEmpty();
    if (empty) {
      throw SqsErrors.invalidParameter(
          "Message (user) attribute '" + name + "' must contain a non-empty value of its type.");
    }
  }

  public static long bytes(@Nullable String body, Map<String, MessageAttributeValue> attributes) {
    long sum = body == null ? 0 : body.getBytes(UTF_8).length;
    for (Map.Entry<String, MessageAttributeValue> each : attributes.entrySet()) {
      sum += each.getKey().getBytes(UTF_8).length + bytes(each.getValue());
    }
    return sum;
  }

  private static long bytes(MessageAttributeValue value) {
    String type = value.dataType();
    String string = value.stringValue();
    SdkBytes binary = value.binaryValue();
    return (type == null ? 0L : type.length())
        + (string == null ? 0 : string.getBytes(UTF_8).length)
        + (binary == null ? 0 : binary.asByteArrayUnsafe().length);
  }

  // The characters of XML 1.0, which SQS's first protocol was made of.
  private static boolean isTaken(int c) {
    return c == 0x9
        || c == 0xA
        || c == 0xD
        || (c >= 0x20 && c <= 0xD7FF)
        || (c >= 0xE000 && c <= 0xFFFD)
        || c >= 0x10000;
  }
}

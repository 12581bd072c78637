package io.multisqs.testkit.internal;

import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;

/** The attributes of a queue that a user may set, checked. Immutable. */
final class QueueSettings {

  /**
   * Where messages go that were received too often.
   *
   * @param targetArn the dead-letter queue
   * @param maxReceiveCount how often a message is received before
   */
  record Redrive(String targetArn, int maxReceiveCount) {}

  private static final Map<QueueAttributeName, String> DEFAULTS =
      Map.of(
          QueueAttributeName.VISIBILITY_TIMEOUT, "30",
          QueueAttributeName.DELAY_SECONDS, "0",
          QueueAttributeName.RECEIVE_MESSAGE_WAIT_TIME_SECONDS, "0",
          QueueAttributeName.MAXIMUM_MESSAGE_SIZE, Integer.toString(Limits.BATCH_BYTES),
          QueueAttributeName.MESSAGE_RETENTION_PERIOD, "345600");

  private static final Set<QueueAttributeName> SETTABLE =
      EnumSet.of(
          QueueAttributeName.VISIBILITY_TIMEOUT,
          QueueAttributeName.DELAY_SECONDS,
          QueueAttributeName.RECEIVE_MESSAGE_WAIT_TIME_SECONDS,
          QueueAttributeName.MAXIMUM_MESSAGE_SIZE,
          QueueAttributeName.MESSAGE_RETENTION_PERIOD,
          QueueAttributeName.POLICY,
          QueueAttributeName.REDRIVE_POLICY,
          QueueAttributeName.REDRIVE_ALLOW_POLICY,
          QueueAttributeName.FIFO_QUEUE,
          QueueAttributeName.CONTENT_BASED_DEDUPLICATION,
          QueueAttributeName.DEDUPLICATION_SCOPE,
          QueueAttributeName.FIFO_THROUGHPUT_LIMIT,
          QueueAttributeName.KMS_MASTER_KEY_ID,
          QueueAttributeName.KMS_DATA_KEY_REUSE_PERIOD_SECONDS,
          QueueAttributeName.SQS_MANAGED_SSE_ENABLED);

  private static final Pattern TARGET =
      Pattern.compile("\"deadLetterTargetArn\"\\s*:\\s*\"([^\"]+)\"");
  private static final Pattern MAX_RECEIVES =
      Pattern.compile("\"maxReceiveCount\"\\s*:\\s*\"?(\\d{1,4})\"?");

  private final Map<QueueAttributeName, String> values;
  private final @Nullable Redrive redrive;

  private QueueSettings(Map<QueueAttributeName, String> values) {
    this.values = values;
    check(QueueAttributeName.VISIBILITY_TIMEOUT, 0, Limits.VISIBILITY_SECONDS);
    check(QueueAttributeName.DELAY_SECONDS, 0, Limits.DELAY_SECONDS);
    check(QueueAttributeName.RECEIVE_MESSAGE_WAIT_TIME_SECONDS, 0, Limits.WAIT_SECONDS);
    check(QueueAttributeName.MAXIMUM_MESSAGE_SIZE, 1024, Limits.BATCH_BYTES);
    check(QueueAttributeName.MESSAGE_RETENTION_PERIOD, 60, 1_209_600);
    redrive = redrive(values.get(QueueAttributeName.REDRIVE_POLICY));
  }

  /** The settings of a new queue. */
  static QueueSettings of(Map<QueueAttributeName, String> attributes) {
    return new QueueSettings(merged(DEFAULTS, attributes));
  }

  /** These settings with some of them changed; an empty value takes a setting away. */
  QueueSettings with(Map<QueueAttributeName, String> attributes) {
    return new QueueSettings(merged(values, attributes));
  }

  /** Whether the attributes given are set to the same values here. */
  boolean agreesWith(Map<QueueAttributeName, String> attributes) {
    return attributes.entrySet().stream()
        .allMatch(each -> each.getValue().equals(values.get(each.getKey())));
  }

  Map<QueueAttributeName, String> values() {
    return values;
  }

  boolean fifo() {
    return is(QueueAttributeName.FIFO_QUEUE);
  }

  boolean contentBasedDeduplication() {
    return is(QueueAttributeName.CONTENT_BASED_DEDUPLICATION);
  }

  boolean deduplicatesByGroup() {
    return "messageGroup".equals(values.get(QueueAttributeName.DEDUPLICATION_SCOPE));
  }

  @Nullable Redrive redrive() {
    return redrive;
  }

  int visibilitySeconds() {
    return number(QueueAttributeName.VISIBILITY_TIMEOUT);
  }

  int waitSeconds() {
    return number(QueueAttributeName.RECEIVE_MESSAGE_WAIT_TIME_SECONDS);
  }

  int delaySeconds() {
    return number(QueueAttributeName.DELAY_SECONDS);
  }

  int maxMessageBytes() {
    return number(QueueAttributeName.MAXIMUM_MESSAGE_SIZE);
  }

  static long nanos(int seconds) {
    return TimeUnit.SECONDS.toNanos(seconds);
  }

  private boolean is(QueueAttributeName name) {
    return "true".equals(values.get(name));
  }

  private int number(QueueAttributeName name) {
    return Integer.parseInt(values.getOrDefault(name, "0"));
  }

  private void check(QueueAttributeName name, int least, int most) {
    String value = values.getOrDefault(name, "");
    try {
      int number = Integer.parseInt(value);
      if (number >= least && number <= most) {
        return;
      }
    } catch (NumberFormatException e) {
      // Refused below like a number out of range.
    }
    throw SqsErrors.invalidAttributeValue(
        name.toString(), "must be %d…%d, was %s".formatted(least, most, value));
  }

  private static @Nullable Redrive redrive(@Nullable String policy) {
    if (policy == null) {
      return null;
    }
    Matcher target = TARGET.matcher(policy);
    Matcher max = MAX_RECEIVES.matcher(policy);
    if (!target.find() || !max.find()) {
      throw SqsErrors.invalidAttributeValue(
          "RedrivePolicy", "needs deadLetterTargetArn and maxReceiveCount, was " + policy);
    }
    int count = Integer.parseInt(max.group(1));
    if (count < 1 || count > 1000) {
      throw SqsErrors.invalidAttributeValue(
          "RedrivePolicy", "maxReceiveCount must be 1…1000, was " + count);
    }
    return new Redrive(target.group(1), count);
  }

  private static Map<QueueAttributeName, String> merged(
      Map<QueueAttributeName, String> base, Map<QueueAttributeName, String> changes) {
    Map<QueueAttributeName, String> merged = new EnumMap<>(QueueAttributeName.class);
    merged.putAll(base);
    changes.forEach(
        (name, value) -> {
          if (!SETTABLE.contains(name)) {
            throw SqsErrors.invalidAttributeName(name.toString());
          }
          if (value.isEmpty()) {
            merged.remove(name);
          } else {
            merged.put(name, value);
          }
        });
    return merged;
  }
}

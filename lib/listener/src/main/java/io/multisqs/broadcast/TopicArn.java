package io.multisqs.broadcast;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A topic's ARN, taken apart.
 *
 * @param arn the whole of it
 * @param partition such as {@code aws} or {@code aws-cn}
 * @param region where it is
 * @param name with {@code .fifo} if it is one
 */
record TopicArn(String arn, String partition, String region, String name) {
  private static final Pattern ARN =
      Pattern.compile("arn:(aws[a-z-]*):sns:([a-z0-9-]+):\\d{12}:([A-Za-z0-9_-]+(?:[.]fifo)?)");

  /** A tag's value, in which the queue keeps it, has no room for more. */
  private static final int MAX_LENGTH = 256;

  static TopicArn parse(String arn) {
    Matcher matcher = ARN.matcher(arn);
    if (!matcher.matches()) {
      throw Rules.refused("topic ARN", "must be arn:aws:sns:REGION:ACCOUNT:NAME", arn);
    }
    if (arn.length() > MAX_LENGTH) {
      throw Rules.refused("topic ARN", "must have 256 characters at most, to fit in a tag", arn);
    }
    return new TopicArn(arn, matcher.group(1), matcher.group(2), matcher.group(3));
  }

  boolean isFifo() {
    return name.endsWith(".fifo");
  }
}

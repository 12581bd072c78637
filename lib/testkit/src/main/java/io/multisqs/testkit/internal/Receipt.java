package io.multisqs.testkit.internal;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * What a receipt handle tells: one receive of one message from one queue.
 *
 * @param queue the queue's name
 * @param messageId the message
 * @param number the receive's number, unique in the server
 */
record Receipt(String queue, String messageId, long number) {

  String handle() {
    String text = queue + ' ' + messageId + ' ' + number;
    return Base64.getUrlEncoder().withoutPadding().encodeToString(text.getBytes(UTF_8));
  }

  /** Reads a handle that was given out for the queue. */
  static Receipt of(String queue, @Nullable String handle) {
    if (handle == null) {
      throw SqsErrors.missingParameter("ReceiptHandle");
    }
    try {
      String[] parts = new String(Base64.getUrlDecoder().decode(handle), UTF_8).split(" ", -1);
      if (parts.length == 3 && parts[0].equals(queue)) {
        return new Receipt(parts[0], parts[1], Long.parseLong(parts[2]));
      }
    } catch (IllegalArgumentException e) {
      // Not ours: refused below like one of another queue.
    }
    throw SqsErrors.receiptHandleIsInvalid(handle);
  }
}

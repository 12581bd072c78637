package io.multisqs.benchmarks.server;

/**
 * An error as SQS's JSON protocol tells it: HTTP 400 with a type, and the older query protocol's
 * code in a header.
 */
final class WireException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  final String type;
  final String queryCode;

  WireException(String type, String queryCode, String message) {
    super(message, null, false, false);
    this.type = type;
    this.queryCode = queryCode;
  }

  static WireException queueDoesNotExist() {
    return new WireException(
        "com.amazonaws.sqs#QueueDoesNotExist",
        "AWS.SimpleQueueService.NonExistentQueue",
        "The specified queue does not exist.");
  }

  static WireException receiptHandleIsInvalid() {
    return new WireException(
        "com.amazonaws.sqs#ReceiptHandleIsInvalid",
        "ReceiptHandleIsInvalid",
        "The input receipt handle is invalid.");
  }

  static WireException notInFlight() {
    return new WireException(
        "com.amazonaws.sqs#MessageNotInflight",
        "AWS.SimpleQueueService.MessageNotInflight",
        "The message referred to is not in flight.");
  }

  static WireException batch(String what, String message) {
    return new WireException(
        "com.amazonaws.sqs#" + what, "AWS.SimpleQueueService." + what, message);
  }

  static WireException invalidValue(String message) {
    return new WireException(
        "com.amazon.coral.service#InvalidParameterValueException",
        "InvalidParameterValue",
        message);
  }

  static WireException unsupported(String message) {
    return new WireException(
        "com.amazonaws.sqs#UnsupportedOperation",
        "AWS.SimpleQueueService.UnsupportedOperation",
        message);
  }
}

package io.multisqs.testkit.sns;

/** What SNS answers instead of a result: its error code and text. */
final class SnsRefusal extends RuntimeException {
  private static final long serialVersionUID = 1L;

  final String code;
  final int status;
  final String text;

  private SnsRefusal(String code, int status, String message) {
    super(message, null, false, false);
    this.code = code;
    this.status = status;
    this.text = message;
  }

  static SnsRefusal invalid(String message) {
    return new SnsRefusal("InvalidParameter", 400, "Invalid parameter: " + message);
  }

  static SnsRefusal notFound(String what) {
    return new SnsRefusal("NotFound", 404, what + " does not exist");
  }

  static SnsRefusal of(String code, String message) {
    return new SnsRefusal(code, 400, message);
  }
}

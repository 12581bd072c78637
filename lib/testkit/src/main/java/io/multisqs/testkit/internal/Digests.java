package io.multisqs.testkit.internal;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.sqs.model.MessageAttributeValue;

/** The digests that SQS gives out for a body and for message attributes. */
final class Digests {

  private static final byte STRING_VALUE = 1;
  private static final byte BINARY_VALUE = 2;

  private Digests() {}

  static String md5(String body) {
    return hex(digest("MD5").digest(body.getBytes(UTF_8)));
  }

  static String sha256(String body) {
    return hex(digest("SHA-256").digest(body.getBytes(UTF_8)));
  }

  /** Over names, types and values in the order of the names; null if there are none. */
  static @Nullable String md5(Map<String, MessageAttributeValue> attributes) {
    if (attributes.isEmpty()) {
      return null;
    }
    MessageDigest md5 = digest("MD5");
    new TreeMap<>(attributes)
        .forEach(
            (name, attribute) -> {
              update(md5, name.getBytes(UTF_8));
              update(md5, attribute.dataType().getBytes(UTF_8));
              SdkBytes binary = attribute.binaryValue();
              md5.update(binary == null ? STRING_VALUE : BINARY_VALUE);
              update(
                  md5,
                  binary == null ? attribute.stringValue().getBytes(UTF_8) : binary.asByteArray());
            });
    return hex(md5.digest());
  }

  private static void update(MessageDigest digest, byte[] value) {
    digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(value.length).array());
    digest.update(value);
  }

  private static String hex(byte[] digest) {
    return HexFormat.of().formatHex(digest);
  }

  private static MessageDigest digest(String algorithm) {
    try {
      return MessageDigest.getInstance(algorithm);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JVM has " + algorithm, e);
    }
  }
}

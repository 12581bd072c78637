package io.multisqs.testkit.sns;

import java.util.Map;

/** The little XML that SNS's answers are made of. */
final class Xml {
  private static final String NAMESPACE = "http://sns.amazonaws.com/doc/2010-03-31/";

  private Xml() {}

  static String document(String root, String content) {
    return "<" + root + " xmlns=\"" + NAMESPACE + "\">" + content + "</" + root + ">";
  }

  static String element(String name, String content) {
    return "<" + name + ">" + content + "</" + name + ">";
  }

  static String text(String name, String text) {
    return element(name, escaped(text));
  }

  static String map(String name, Map<String, String> map) {
    StringBuilder entries = new StringBuilder();
    map.forEach(
        (key, value) -> entries.append(element("entry", text("key", key) + text("value", value))));
    return element(name, entries.toString());
  }

  private static String escaped(String text) {
    StringBuilder out = new StringBuilder(text.length() + 16);
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '<' -> out.append("&lt;");
        case '>' -> out.append("&gt;");
        case '&' -> out.append("&amp;");
        case '"' -> out.append("&quot;");
        default -> out.append(c);
      }
    }
    return out.toString();
  }
}

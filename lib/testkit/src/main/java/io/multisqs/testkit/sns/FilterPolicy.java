package io.multisqs.testkit.sns;

import io.multisqs.testkit.sns.Publication.Attribute;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import java.util.function.BiPredicate;
import java.util.function.IntPredicate;
import java.util.function.Predicate;
import software.amazon.awssdk.protocols.jsoncore.JsonNode;

/**
 * A filter policy by message attribute: for each attribute that it names, one of the conditions
 * must hold. It knows exact strings, numbers, booleans and null, {@code prefix}, {@code suffix},
 * {@code equals-ignore-case}, {@code anything-but} (also of prefixes and suffixes), {@code numeric}
 * and {@code exists}, and refuses others.
 */
final class FilterPolicy {
  private static final Object NULL = new Object();

  private final Map<String, JsonNode> conditions;

  private FilterPolicy(Map<String, JsonNode> conditions) {
    this.conditions = conditions;
  }

  static FilterPolicy parse(String json) {
    JsonNode root;
    try {
      root = JsonNode.parser().parse(json);
    } catch (RuntimeException e) {
      throw refused("failed to parse JSON");
    }
    if (!root.isObject()) {
      throw refused("Filter policy must be an object");
    }
    FilterPolicy policy = new FilterPolicy(root.asObject());
    policy.conditions.forEach(
        (name, any) -> {
          if (!any.isArray()) {
            throw refused("\"" + name + "\" must be an object or an array");
          }
          // Tried once, so that a mistake is found now and not at the first message.
          any.asArray().forEach(condition -> test(condition));
        });
    return policy;
  }

  boolean accepts(Map<String, Attribute> attributes) {
    return conditions.entrySet().stream()
        .allMatch(e -> anyHolds(e.getValue().asArray(), e.getKey(), attributes));
  }

  private static boolean anyHolds(
      List<JsonNode> conditions, String name, Map<String, Attribute> attributes) {
    Attribute attribute = attributes.get(name);
    for (JsonNode condition : conditions) {
      JsonNode exists = condition.isObject() ? condition.asObject().get("exists") : null;
      if (exists != null) {
        if (exists.asBoolean() == (attribute != null)) {
          return true;
        }
      } else if (attribute != null && values(attribute).stream().anyMatch(test(condition))) {
        return true;
      }
    }
    return false;
  }

  /** The values to compare: one, or those of a {@code String.Array}. */
  private static List<Object> values(Attribute attribute) {
    if (attribute.isBinary()) {
      return List.of();
    }
    try {
      if (attribute.type().equals("String.Array")) {
        JsonNode array = JsonNode.parser().parse(attribute.value());
        return array.isArray()
            ? array.asArray().stream().map(FilterPolicy::plain).toList()
            : List.of();
      }
      return List.of(
          attribute.type().startsWith("Number")
              ? new BigDecimal(attribute.value())
              : attribute.value());
    } catch (RuntimeException e) {
      return List.of(); // malformed: no condition holds of it
    }
  }

  /** A text, number, or truth as Java has it, numbers so that 1 and 1.0 compare as equal. */
  private static Object plain(JsonNode node) {
    if (node.isNumber()) {
      return new BigDecimal(node.asNumber());
    }
    if (node.isString()) {
      return node.asString();
    }
    if (node.isBoolean()) {
      return node.asBoolean();
    }
    if (node.isNull()) {
      return NULL;
    }
    throw refused("Match value must be String, number, true, false, or null");
  }

  private static Predicate<Object> test(JsonNode condition) {
    if (!condition.isObject()) {
      Object wanted = plain(condition);
      return value -> same(wanted, value);
    }
    Map<String, JsonNode> object = condition.asObject();
    if (object.size() != 1) {
      throw refused("Only one key allowed in match expression");
    }
    Map.Entry<String, JsonNode> only = object.entrySet().iterator().next();
    JsonNode operand = only.getValue();
    return switch (only.getKey()) {
      case "prefix" -> ofText(operand, String::startsWith);
      case "suffix" -> ofText(operand, String::endsWith);
      case "equals-ignore-case" -> ofText(operand, String::equalsIgnoreCase);
      case "anything-but" -> anythingBut(operand);
      case "numeric" -> numeric(operand);
      case "exists" -> {
        if (!operand.isBoolean()) {
          throw refused("exists match pattern must be either true or false.");
        }
        yield value -> operand.asBoolean();
      }
      default -> throw refused("Unrecognized match type " + only.getKey());
    };
  }

  private static Predicate<Object> ofText(JsonNode operand, BiPredicate<String, String> test) {
    if (!operand.isString()) {
      throw refused("match pattern must be a string");
    }
    return value -> value instanceof String text && test.test(text, operand.asString());
  }

  private static Predicate<Object> anythingBut(JsonNode operand) {
    if (operand.isObject()) {
      return test(operand).negate();
    }
    List<Object> excluded =
        (operand.isArray() ? operand.asArray() : List.of(operand))
            .stream().map(FilterPolicy::plain).toList();
    return value -> excluded.stream().noneMatch(e -> same(e, value));
  }

  private static Predicate<Object> numeric(JsonNode operand) {
    List<JsonNode> parts = operand.isArray() ? operand.asArray() : List.of();
    if (parts.isEmpty() || parts.size() % 2 != 0) {
      throw refused("Value of numeric must be an array of operators and numbers");
    }
    Predicate<Object> all = value -> value instanceof BigDecimal;
    for (int i = 0; i < parts.size(); i += 2) {
      JsonNode operator = parts.get(i);
      JsonNode bound = parts.get(i + 1);
      if (!operator.isString() || !bound.isNumber()) {
        throw refused("Value of numeric must be an array of operators and numbers");
      }
      IntPredicate side = side(operator.asString());
      BigDecimal number = new BigDecimal(bound.asNumber());
      all = all.and(value -> side.test(((BigDecimal) value).compareTo(number)));
    }
    return all;
  }

  private static IntPredicate side(String operator) {
    return switch (operator) {
      case "=" -> compared -> compared == 0;
      case "<" -> compared -> compared < 0;
      case "<=" -> compared -> compared <= 0;
      case ">" -> compared -> compared > 0;
      case ">=" -> compared -> compared >= 0;
      default -> throw refused("Unrecognized numeric range operator: " + operator);
    };
  }

  private static boolean same(Object one, Object other) {
    if (one instanceof BigDecimal a && other instanceof BigDecimal b) {
      return a.compareTo(b) == 0;
    }
    return one.equals(other);
  }

  private static SnsRefusal refused(String reason) {
    return SnsRefusal.invalid("FilterPolicy: " + reason);
  }
}

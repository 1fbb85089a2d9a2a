# TorchScript, in the form that archives hold: a whole encoder as one call, so that its intermediate tensors are freed by libtorch
# the moment they are used. OneDnnArchive puts it into an archive.
#
# A product's weights are three tensors: weight, bias, and the scale of each output (empty unless the weights are int8).
# The weights of a layer are one after the other in a list: both layer norms (weight, bias each), then the products
# query-key-value, attention output, widening, narrowing. In the last layer the query's product stands apart before key-value's,
# since there only the class token asks.
class Encoder(Module):
  __parameters__ = []
  __buffers__ = []
  training : bool
  _is_full_backward_hook : Optional[bool]

  # oneDNN's packed products, on CPUs. The activation is done, and the other term added, while a result is still in registers.
  def pack(self: __torch__.Encoder, weight: Tensor) -> Tensor:
    return ops.mkldnn._reorder_linear_weight(weight, None)

  def pack_int8(self: __torch__.Encoder, weight: Tensor) -> Tensor:
    return ops.onednn.qlinear_prepack(weight, None)

  # oneDNN cuts the rows of a product into equal blocks, and pictures of 256 patches and a class token have an awkward number of rows:
  # in float32 one more row makes it up to 1.25x as fast, in bfloat16 the few rows beyond whole blocks cost less on their own.
  def parts(self: __torch__.Encoder, rows: Tensor) -> List[Tensor]:
    count = torch.size(rows, 0)
    beyond = count % 64
    parts = [rows]
    if count > 64 and ops.prim.dtype(rows) == 15 and beyond > 0 and beyond <= 16:
      parts = [torch.slice(rows, 0, 0, count - beyond), torch.slice(rows, 0, count - beyond, count)]
    elif count > 64 and count % 2 == 1:
      parts = [torch.cat([rows, torch.slice(rows, 0, 0, 1)])]
    return parts

  def post_operation(self: __torch__.Encoder, activation: int) -> Tuple[str, str]:
    name = "none"
    algorithm = ""
    if activation == 1:
      name = "relu"
    elif activation == 2:
      name = "gelu"
      algorithm = "none"
    elif activation == 3:
      name = "gelu"
      algorithm = "tanh"
    elif activation == 4:
      name = "swish"
    return (name, algorithm)

  def product(self: __torch__.Encoder,
      x: Tensor,
      weights: List[Tensor],
      at: int,
      activation: int,
      other: Optional[Tensor],
      narrow: bool) -> Tensor:
    weight = weights[at]
    bias = weights[at + 1]
    scale = weights[at + 2]
    name, algorithm = (self).post_operation(activation)
    nothing = annotate(List[Optional[number]], [])
    if torch.numel(scale) > 0:
      result = (self).product_int8(x, weight, bias, scale, name, algorithm, other, narrow)
    elif other is not None:
      result = ops.mkldnn._linear_pointwise(x, other, weight, bias, "add")
    else:
      result = ops.mkldnn._linear_pointwise(x, weight, bias, name, nothing, algorithm)
    if activation == 5:
      result = torch.selu(result)
    return result

  # The activations become uint8 by the least and the greatest of them all. (oneDNN has no fast product for int8 ones.)
  def product_int8(self: __torch__.Encoder,
      x: Tensor,
      weight: Tensor,
      bias: Tensor,
      scale: Tensor,
      name: str,
      algorithm: str,
      other: Optional[Tensor],
      narrow: bool) -> Tensor:
    nothing = annotate(List[Optional[number]], [])
    least, greatest = torch.aminmax(x)
    least0 = torch.clamp_max(torch.to(least, 6), 0.)
    step = torch.clamp_min(torch.div(torch.sub(torch.clamp_min(torch.to(greatest, 6), 0.), least0), 255.), 1e-30)
    zero = torch.to(torch.round(torch.div(torch.neg(least0), step)), 3)
    whole = torch.int_repr(torch.quantize_per_tensor(torch.to(x, 6), step, zero, 13))
    no_zero = torch.zeros([1], dtype=3)
    dtype = 6
    if narrow:
      dtype = 15
    if other is not None:
      result = ops.onednn.qlinear_pointwise(
        whole, step, zero, weight, scale, no_zero, other, bias, 1., 0, dtype, 1., 0, "add", 1., "none", nothing, "")
    else:
      result = ops.onednn.qlinear_pointwise(
        whole, step, zero, weight, scale, no_zero, bias, 1., 0, dtype, name, nothing, algorithm)
    return result

  def linear(self: __torch__.Encoder, x: Tensor, weights: List[Tensor]) -> Tensor:
    return (self).product(x, weights, 0, 0, None, False)

  # rows: [tokens, width], sequences of equal length together. sizes: how many sequences and how long, for each length (a tensor, as
  # TorchSharp passes no lists of numbers).
  # mask: what is added to the scores, if there is one group only. Returns the class tokens' states [sequences, width].
  def encode(self: __torch__.Encoder,
      rows: Tensor,
      sizes: Tensor,
      mask: Optional[Tensor],
      weights: List[Tensor],
      heads: int,
      eps: float,
      pre_norm: bool,
      activation: int) -> Tensor:
    groups = annotate(List[int], [])
    for i in range(len(sizes)):
      groups.append(int(sizes[i]))
    none = annotate(List[Tensor], [])
    x = (self).parts(rows)
    layers = (len(weights) - 3) // 16
    for i in range(layers - 1):
      at = 16 * i
      normed = x
      if pre_norm:
        normed = (self).norms(x, weights, at, eps)
      qkv = (self).joined((self).products(normed, weights, at + 4, 0, none, True))
      context = (self).self_attention(qkv, groups, heads, mask)
      x = (self).feed_forward((self).cut_like(context, x), x, weights, at, at + 7, eps, pre_norm, activation)
    at = 16 * (layers - 1)
    normed = x
    if pre_norm:
      normed = (self).norms(x, weights, at, eps)
    query = (self).product((self).first_rows((self).joined(normed), groups), weights, at + 4, 0, None, True)
    key_value = (self).joined((self).products(normed, weights, at + 7, 0, none, True))
    context = (self).class_attention(query, key_value, groups, heads, mask)
    asking = (self).first_rows((self).joined(x), groups)
    return (self).joined((self).feed_forward([context], [asking], weights, at, at + 10, eps, pre_norm, activation))

  # Everything after attention. context and x: [rows, width], in parts; products: where the attention output's weights are.
  def feed_forward(self: __torch__.Encoder,
      context: List[Tensor],
      x: List[Tensor],
      weights: List[Tensor],
      at: int,
      products: int,
      eps: float,
      pre_norm: bool,
      activation: int) -> List[Tensor]:
    none = annotate(List[Tensor], [])
    states = (self).products(context, weights, products, 0, x, False)
    if pre_norm:
      wide = (self).products((self).norms(states, weights, at + 2, eps), weights, products + 3, activation, none, False)
      result = (self).products(wide, weights, products + 6, 0, states, False)
    else:
      normed = (self).norms(states, weights, at, eps)
      wide = (self).products(normed, weights, products + 3, activation, none, False)
      result = (self).norms((self).products(wide, weights, products + 6, 0, normed, False), weights, at + 2, eps)
    return result

  # A product of each part, the weights still in the cache for the second one. others: what is added to the parts, if anything.
  def products(self: __torch__.Encoder,
      parts: List[Tensor],
      weights: List[Tensor],
      at: int,
      activation: int,
      others: List[Tensor],
      narrow: bool) -> List[Tensor]:
    results = annotate(List[Tensor], [])
    for i in range(len(parts)):
      other = annotate(Optional[Tensor], None)
      if len(others) > 0:
        other = others[i]
      results.append((self).product(parts[i], weights, at, activation, other, narrow))
    return results

  def norms(self: __torch__.Encoder, parts: List[Tensor], weights: List[Tensor], at: int, eps: float) -> List[Tensor]:
    results = annotate(List[Tensor], [])
    for i in range(len(parts)):
      results.append((self).norm(parts[i], weights, at, eps))
    return results

  # Rows in the parts that others have; rows that those have more are filled with theirs.
  def cut_like(self: __torch__.Encoder, x: Tensor, parts: List[Tensor]) -> List[Tensor]:
    results = annotate(List[Tensor], [])
    start = 0
    for i in range(len(parts)):
      end = start + torch.size(parts[i], 0)
      part = torch.slice(x, 0, start, end)
      missing = end - torch.size(x, 0)
      if missing > 0:
        part = torch.cat([part, torch.slice(parts[i], 0, 0, missing)])
      results.append(part)
      start = end
    return results

  def norm(self: __torch__.Encoder, x: Tensor, weights: List[Tensor], at: int, eps: float) -> Tensor:
    return torch.layer_norm(x, [torch.size(x, -1)], weights[at], weights[at + 1], eps)

  # The class token's row of each sequence.
  def first_rows(self: __torch__.Encoder, x: Tensor, groups: List[int]) -> Tensor:
    parts = annotate(List[Tensor], [])
    start = 0
    for i in range(len(groups) // 2):
      count = groups[2 * i]
      length = groups[2 * i + 1]
      end = start + count * length
      parts.append(torch.slice(x, 0, start, end, length))
      start = end
    return torch.cat(parts)

  # qkv: [tokens, 3 * width] -> [tokens, width]
  def self_attention(self: __torch__.Encoder, qkv: Tensor, groups: List[int], heads: int, mask: Optional[Tensor]) -> Tensor:
    parts = annotate(List[Tensor], [])
    start = 0
    for i in range(len(groups) // 2):
      count = groups[2 * i]
      length = groups[2 * i + 1]
      end = start + count * length
      q, k, v = torch.unbind(torch.view(torch.slice(qkv, 0, start, end), [count, length, 3, heads, -1]), 2)
      (self).attend(q, k, v, mask, parts)
      start = end
    return (self).joined(parts)

  # query: [sequences, width], key_value: [tokens, 2 * width] -> [sequences, width]
  def class_attention(self: __torch__.Encoder,
      query: Tensor,
      key_value: Tensor,
      groups: List[int],
      heads: int,
      mask: Optional[Tensor]) -> Tensor:
    parts = annotate(List[Tensor], [])
    first_mask = mask
    if mask is not None:
      first_mask = torch.slice(mask, 2, 0, 1)
    start = 0
    asked = 0
    for i in range(len(groups) // 2):
      count = groups[2 * i]
      length = groups[2 * i + 1]
      end = start + count * length
      k, v = torch.unbind(torch.view(torch.slice(key_value, 0, start, end), [count, length, 2, heads, -1]), 2)
      q = torch.view(torch.slice(query, 0, asked, asked + count), [count, 1, heads, -1])
      (self).attend(q, k, v, first_mask, parts)
      start = end
      asked = asked + count
    return (self).joined(parts)

  def joined(self: __torch__.Encoder, parts: List[Tensor]) -> Tensor:
    result = parts[0]
    if len(parts) > 1:
      result = torch.cat(parts)
    return result

  # q: [count, queries, heads, size], k and v: [count, keys, heads, size]; appends [tokens, heads * size].
  # The queries come scaled.
  def attend(self: __torch__.Encoder, q: Tensor, k: Tensor, v: Tensor, mask: Optional[Tensor], parts: List[Tensor]) -> None:
    count, queries, heads, size = torch.size(q)
    keys = torch.size(k, 1)
    if ops.prim.dtype(q) == 15 and mask is None:
      # Products in bfloat16 are faster than the fused kernel as long as the scores stay in the cache.
      at_once = ops.prim.max(1, 1100000 // (heads * queries * keys))
      start = 0
      while start < count:
        end = ops.prim.min(start + at_once, count)
        # Copies, because batched products of strided heads are slower by more than the copies cost.
        qs = torch.contiguous(torch.transpose(torch.slice(q, 0, start, end), 1, 2))
        ks = torch.contiguous(torch.transpose(torch.slice(k, 0, start, end), 1, 2))
        vs = torch.contiguous(torch.transpose(torch.slice(v, 0, start, end), 1, 2))
        context = torch.matmul(torch.softmax(torch.matmul(qs, torch.transpose(ks, -1, -2)), -1), vs)
        parts.append(torch.reshape(torch.transpose(context, 1, 2), [-1, heads * size]))
        start = end
    else:
      context = torch.scaled_dot_product_attention(
        torch.transpose(q, 1, 2), torch.transpose(k, 1, 2), torch.transpose(v, 1, 2), mask, 0., False, scale=1.)
      parts.append(torch.reshape(torch.transpose(context, 1, 2), [-1, heads * size]))
    return None

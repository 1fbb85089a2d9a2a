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

  def stepwise(self: __torch__.Encoder) -> bool:
    return True

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
